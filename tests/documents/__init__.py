"""Tests of README.md and docs/: what they name is there, and what they tell a reader to type works."""
