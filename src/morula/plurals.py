"""Counted things, many things and whole things in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LISTED = 8
"""Lists of more names are not read by anyone: a stack whose planes were taken for channels has hundreds."""
CARD_WIDTH = 80
"""Letters in a line of a card; of longer ones the middle is left out."""


def many(count: int, noun: str) -> str:
    """A number and what it counts.

    >>> many(1, "image"), many(2, "image")
    ('1 image', '2 images')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


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


def card(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """How a thing says itself in Python: what it is, and beneath it a line for each label and value.

    >>> print(card("Image 'a'", [("axes", "YX"), ("channels", "grey")]))
    Image 'a'
      axes      YX
      channels  grey
    """
    rows = list(rows)
    width = max((len(label) for label, _ in rows), default=0)
    return "\n".join(_cut(line) for line in (title, *(f"  {label:{width}}  {value}" for label, value in rows)))


def _cut(line: str) -> str:
    half = CARD_WIDTH // 2
    return line if len(line) <= CARD_WIDTH else f"{line[: half - 1]}…{line[-half:]}"
