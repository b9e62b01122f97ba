"""A trained network, its file, and its use on images of any size, as fast as this machine goes."""
