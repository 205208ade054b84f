"""A simulated service provider: requests, a calendar, invoices, complaints, accounts; pure."""
