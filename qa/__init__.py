"""Layer 7 and quality: how work is sampled, judged and measured."""
