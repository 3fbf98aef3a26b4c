"""Conversations as the table has them, on a page of the owner's own machine."""
