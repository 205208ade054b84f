"""Admin pages of cases; no rule lives here."""
