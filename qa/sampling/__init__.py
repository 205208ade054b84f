"""Which work is looked at: sampling plans under review."""
