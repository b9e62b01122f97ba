"""What is separate in a mask."""
