"""Keys: the only reader of the keys folder; signs bytes, never hands a key out."""
