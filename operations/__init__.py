"""What an owner does to a running pipeline: look whether it is well, take the data out, erase a person, take it all down."""
