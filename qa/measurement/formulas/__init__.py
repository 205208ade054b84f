"""The mathematics of the metrics, from plain numbers; pure."""
