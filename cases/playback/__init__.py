"""A case as it was at a past moment, read out of its record, and run again on that record."""
