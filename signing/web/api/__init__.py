"""The platforms' API, /api/v1 (interfaces.md §4)."""
