"""Evidence: what is taken out of the ledger so that others can check it without our software."""
