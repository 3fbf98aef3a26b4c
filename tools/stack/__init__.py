"""The embedded stack: everything Edge Analytics runs on in production, on one machine."""
