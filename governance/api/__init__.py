"""REST views over governance; no rule lives here."""
