"""A plug-in for napari: its files are opened and written, and networks learn and segment without leaving it."""
