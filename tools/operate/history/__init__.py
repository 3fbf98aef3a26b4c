"""Brings history of other systems in, through the collector."""
