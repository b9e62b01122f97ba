"""A page in a browser on one's own machine, in which all of a project's work is done."""
