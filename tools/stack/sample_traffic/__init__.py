"""Visitors for the stack: real conversations, when they are held, and how they are asked or replayed."""
