"""What the names of files say: what each image is of, when it was seen, where, and in which light."""
