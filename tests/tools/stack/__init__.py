"""Tests of the embedded stack's own code, without starting it."""
