"""A first mask from a few scribbles, in a second or two."""
