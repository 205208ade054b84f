.venv/bin/python manage.py agents create "My bot" --owner operator --queue care --queue returns
