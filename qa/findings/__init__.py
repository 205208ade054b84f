"""Automatic checks of every interaction, what they found, and how far a judge is trusted."""
