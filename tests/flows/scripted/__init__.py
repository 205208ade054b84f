"""Scripted models that drive the agents of docs/examples; no model is asked."""
