"""Writes PAdES signatures; never sees a private key and never judges."""
