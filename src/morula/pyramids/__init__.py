"""Images and labels with smaller levels of themselves, written region by region."""
