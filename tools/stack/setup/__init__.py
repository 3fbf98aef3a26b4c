"""`make setup`: installs what the project needs; imported by nothing."""
