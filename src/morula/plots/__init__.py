"""Pictures of tables, of images and of outlines."""
