"""What runs and what is stuck, on one page: queues, executions, connections, background work."""
