"""Whether a journey is ready for real cases: what is missing, and the path that leads there."""
