"""Tests of the cost model and of the simulated day."""
