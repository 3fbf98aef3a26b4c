"""Commands for trying the Worker's parts without its runtime."""
