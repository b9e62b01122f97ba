"""What is wrong with images and masks: doubtful pairs, copies, leaks."""
