"""Targets of outcomes as governed documents, and the alerts that a breach opens."""
