.venv/bin/python docs/examples/mcp_quickstart.py
