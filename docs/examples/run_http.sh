python3 docs/examples/http_quickstart.py
