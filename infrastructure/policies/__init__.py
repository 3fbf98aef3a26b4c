"""What each identity of the pipeline must and must not be able to do on AWS."""
