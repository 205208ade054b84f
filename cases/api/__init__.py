"""REST views over cases; no rule lives here."""
