"""What this machine computes with: its device, its number formats, its threads."""
