"""Live assist: what a person might say or look at next, as the customer speaks."""
