"""One training on several devices: each learns from a part of every batch, and one keeps all that is learned."""
