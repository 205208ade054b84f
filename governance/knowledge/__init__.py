"""Knowledge articles: what people and AI agents may lean on, by version."""
