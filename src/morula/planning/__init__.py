"""What is decided before a network learns, each decision with its reason."""
