"""What the judged say of a released review, and what follows: disputes and coaching."""
