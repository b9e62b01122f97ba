"""Files of each format: what they say of themselves, and a region of what they hold."""
