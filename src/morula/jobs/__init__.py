"""Work in a project that takes long, in processes of its own, and what comes of it."""
