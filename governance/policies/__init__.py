"""Versioned policy and the decision on an action."""
