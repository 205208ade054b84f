"""Thin Celery entries of quality."""
