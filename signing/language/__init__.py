"""Chinese words: adapters for the libraries that normalise and segment text."""
