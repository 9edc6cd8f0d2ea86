"""Walk (b), the worker's way: one use case and one transaction per module, held apart."""
