"""Measures Edge Analytics: `python -m benchmarks`, or `make bench`."""
