"""Descriptions of other systems turned into drafts of tools; nothing here looks anything up."""
