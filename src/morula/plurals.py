"""Counted things and many things in words."""

from __future__ import annotations

from collections.abc import Sequence

LISTED = 8
"""Lists of more names are not read by anyone: a stack whose planes were taken for channels has hundreds."""


def many(count: int, noun: str) -> str:
    """A number and what it counts.

    >>> many(1, "image"), many(2000, "image")
    ('1 image', '2,000 images')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Names in a row, of many only the first and the last.

    >>> listed(("DAPI", "GFP"))
    'DAPI, GFP'
    >>> listed([f"channel {number}" for number in range(1, 201)])
    'channel 1, channel 2, … channel 200 (200 of them)'
    """
    if len(names) <= LISTED:
        return ", ".join(names)
    return f"{names[0]}, {names[1]}, … {names[-1]} ({len(names):,} of them)"
