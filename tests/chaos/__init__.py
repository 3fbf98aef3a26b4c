"""Fault tests of the running stack: `python -m tests.chaos --events 20000 --seed 1 --mode stream`."""
