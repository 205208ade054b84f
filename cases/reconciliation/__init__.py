"""Completeness: every effect has its entries, and every entry its cause."""
