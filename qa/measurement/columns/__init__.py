"""What the metrics count as columns of numbers, and the formulas over them; pure."""
