"""Layer 3: safe calls to systems of record."""
