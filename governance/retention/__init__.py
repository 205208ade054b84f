"""Retention: how long each class of record is kept, what would go, and the runs that remove it."""
