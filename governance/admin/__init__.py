"""Admin pages of governance; no rule lives here."""
