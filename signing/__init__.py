"""Contract signing for platform work: importing this costs nothing."""
