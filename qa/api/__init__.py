"""REST of quality."""
