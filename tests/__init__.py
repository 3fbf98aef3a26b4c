"""What no service can test alone: that they fit together."""
