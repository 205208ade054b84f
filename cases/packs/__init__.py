"""A centre's set-up as files."""
