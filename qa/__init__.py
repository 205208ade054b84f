"""Layer 7 and quality: sampling, scorecards and measurement, which come next."""
