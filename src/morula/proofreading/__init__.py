"""Annotations that deserve a second look, as networks see them that have learned from the others."""
