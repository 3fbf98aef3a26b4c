"""The design that this project grew from, made as well as it can be made: what the processor is compared with."""
