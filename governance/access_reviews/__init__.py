"""Access reviews: every grant confirmed or revoked by a person, and duties that should not meet."""
