"""What is measured: the definitions of metrics under review."""
