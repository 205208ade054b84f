"""Signing in: the pages before there is a person, and what keeps a sign-in alive."""
