"""Counted things in words."""

from __future__ import annotations


def many(count: int, noun: str) -> str:
    """A number and what it counts.

    >>> many(1, "image"), many(2, "image")
    ('1 image', '2 images')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
