"""The tamper-evident log as mathematics: no storage, no network."""
