"""What people can do that no role says: languages, products, and how much experience."""
