"""The same job written by hand: plain Django, REST views and Celery, without governance."""
