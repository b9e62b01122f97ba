"""What an image is; files become images, and back."""
