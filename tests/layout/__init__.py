"""Tests of what the folders have in common: contracts, configuration, and what may lie where."""
