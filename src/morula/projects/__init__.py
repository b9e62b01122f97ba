"""A folder in which people annotate, train and measure: what lies in it, and what people draw there."""
