"""Settings; a settings module is always named."""
