"""How near masks, objects and tracks come to the truth."""
