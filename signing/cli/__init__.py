"""The command line: operators and arbitrators."""
