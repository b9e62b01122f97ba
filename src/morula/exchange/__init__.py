"""What was drawn in other programs, and outlines for these."""
