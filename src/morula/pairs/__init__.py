"""Images with their masks: what the values mean, and who belongs together."""
