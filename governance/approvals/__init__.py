"""Human approval of one action."""
