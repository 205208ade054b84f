"""Layer 4: one timeline and its evidence across channels."""
