"""Layer 5: the context bundle for a human."""
