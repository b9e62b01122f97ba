"""A folder in which people annotate, train and measure: what lies in it, and the work that is done there."""
