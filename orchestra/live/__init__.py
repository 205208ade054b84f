"""Tells an open page that something newer concerns its reader; what, the page asks as before."""
