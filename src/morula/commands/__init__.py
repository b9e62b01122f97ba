"""One command a workflow, and no work of its own."""
