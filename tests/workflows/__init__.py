"""Tests of what runs on GitHub: which changes start it, and what it may do."""
