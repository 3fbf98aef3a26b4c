"""Answers visitors at the edge and records what was asked. Plain Python: nothing here knows the Workers runtime."""
