"""How far reviewers, and judges, agree; and what they disagree about."""
