"""Objects keep their number over time."""
