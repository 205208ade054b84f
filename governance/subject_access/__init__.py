"""Subject access: everything held about one person, in a file that person can read."""
