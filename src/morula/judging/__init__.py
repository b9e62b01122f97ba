"""What a model learns about how good its masks are, from frames whose truth is known."""
