"""Reviews by people: who looks at what, the answers given, and what was said to them."""
