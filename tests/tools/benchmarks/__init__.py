"""Tests of the benchmarks: the baseline is right, and the figures follow from the samples."""
