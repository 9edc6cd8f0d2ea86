"""What the words mean: values and rules; standard library, no clock, no I/O, no randomness."""
