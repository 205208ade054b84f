"""Personal data and secrets in text: what they look like and where they stand; pure."""
