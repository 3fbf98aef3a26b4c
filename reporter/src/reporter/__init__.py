"""Reads what visitors asked from the table and tells the owner in an e-mail."""
