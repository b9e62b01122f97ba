"""What this machine computes with: its device and its number formats."""
