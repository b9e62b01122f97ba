"""Pages to look at, to keep and to send."""
