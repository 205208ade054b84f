"""Event logs of other systems: how a centre worked before, as a baseline."""
