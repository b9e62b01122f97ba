"""Files of masks measured into tables, with what else is wanted of each object."""
