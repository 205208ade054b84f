"""How work is judged: sections, questions and what they are worth, under review."""
