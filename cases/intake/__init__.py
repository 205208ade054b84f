"""Layer 1: intake and classification."""
