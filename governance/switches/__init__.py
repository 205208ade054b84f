"""Kill switches: what may not act now, who stopped it, why, and since when."""
