"""What all API endpoints share, named from settings."""
