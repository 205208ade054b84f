"""Layer 2: cue sheets and the engine that conducts them."""
