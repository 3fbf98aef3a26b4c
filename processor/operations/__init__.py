"""What an operator does to a running processor: look at dead letters, send them back, take a version back."""
