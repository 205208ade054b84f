"""Standing reports: what the record holds as evidence for a requirement, and what it lacks."""
