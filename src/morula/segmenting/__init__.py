"""Files through a model: masks, what is unusual about them, and the table of frames."""
