"""The arbitrators' portal, `/verify`."""
