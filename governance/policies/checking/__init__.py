"""What a decision table is found to be before it is submitted: checks and proofs; pure."""
