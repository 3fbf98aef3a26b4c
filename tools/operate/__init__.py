"""What an owner does to a running pipeline: see whether it is well, take data out, erase a person, take it down."""
