"""What a model knows about how good its masks are, and says of a new one."""
