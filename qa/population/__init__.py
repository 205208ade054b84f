"""What was worked and can be looked at: one row for each unit that a sample may hold."""
