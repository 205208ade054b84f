"""One module per way of calling out."""
