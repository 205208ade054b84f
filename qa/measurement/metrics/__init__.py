"""The six outcome metrics, each from plain rows; pure."""
