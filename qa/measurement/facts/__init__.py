"""What the ledger says of a case, as the rows that the metrics take; pure."""
