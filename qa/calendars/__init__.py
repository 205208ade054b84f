"""When a centre is open: weekly hours, holidays, and business time."""
