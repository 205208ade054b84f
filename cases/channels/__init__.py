"""Contacts that arrive from other systems: signed, read by a mapping, placed in their case."""
