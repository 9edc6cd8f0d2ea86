"""The walks: one method is one use case; owns the ports and the transactions."""
