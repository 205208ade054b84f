"""The checks: pure functions over one reading of an interaction."""
