"""The worker's pages, `/s/<link_token>` (web.md §6, W1–W12)."""
