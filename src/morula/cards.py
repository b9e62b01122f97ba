"""How things say what they are: in Python as a card of a few lines, in a notebook as a small table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 80
"""Letters in a line of a card in text; of longer ones the middle is left out."""
ROWS, LETTERS = 60, 600
"""A notebook is given no more rows, and of none more letters: it keeps all that was ever shown in its file."""

_STYLE = "text-align: left; vertical-align: top; white-space: pre-wrap"


@dataclass(frozen=True)
class Card:
    """What a thing is, and a line for each label and value.

    >>> print(Card("Image 'a'", [("axes", "YX"), ("channels", "grey")]))
    Image 'a'
      axes      YX
      channels  grey

    Attributes:
        title: what it is.
        rows: labels and values.
        note: a sentence beneath, never cut.
    """

    title: str
    rows: Iterable[tuple[str, str]]
    note: str = ""

    def __str__(self) -> str:
        rows = list(self.rows)
        width = max((len(label) for label, _ in rows), default=0)
        lines = (self.title, *(f"  {label:{width}}  {value}" for label, value in rows))
        return "\n".join([*(_cut(line, WIDTH) for line in lines), *filter(None, [self.note])])

    def html(self, beneath: str = "") -> str:
        """The same as a table, whose values go over several lines.

        Args:
            beneath: an element that stands between title and table, such as a picture.
        """
        rows = list(self.rows)
        more = [("…", f"and {len(rows) - ROWS:,} more")] if len(rows) > ROWS else []
        cells = "".join(
            f'<tr><th style="{_STYLE}">{_safe(label)}</th><td style="{_STYLE}">{_safe(value)}</td></tr>'
            for label, value in (*rows[:ROWS], *more))
        note = f"<p>{_safe(self.note)}</p>" if self.note else ""
        return f"<div><strong>{_safe(self.title)}</strong>{beneath}<table>{cells}</table>{note}</div>"


def grid(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of many columns as HTML, whose unknown values are empty."""
    head = "".join(f"<th>{_safe(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{_safe(_said(value))}</td>' for value in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


class Shown:
    """What has a card, and is shown by it."""

    @property
    def card(self) -> Card:
        """What it is in a few lines."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return str(self.card)

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        return self.card.html()


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _cut(line: str, most: int) -> str:
    half = most // 2
    return line if len(line) <= most else f"{line[: half - 1]}…{line[-half:]}"


def _safe(text: str) -> str:
    return escape(_cut(text, LETTERS))
