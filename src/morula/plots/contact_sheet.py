"""A contact sheet: in each row an image, its annotation, what a model sees, and what is said of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import numpy as np

from morula.pairs.masks import NOT_ANNOTATED
from morula.plots import palette
from morula.plots.figures import figure_in_style, save_figure
from morula.plots.overlay import outlined

COLUMNS = ("image", "annotation", "model")
WIDTH, HEIGHT, ABOVE = 3.0, 2.7, 0.35
"""Inches of a picture with what is around it, and of the headings."""
LETTERS = 40
"""Of what is said, in a line."""
SIDE = 360
"""The longer side of a picture in pixels."""


@dataclass(frozen=True)
class Contact:
    """A row of the sheet.

    Attributes:
        name: of the frame.
        words: what is said of it.
        image: `(channels, *space)`, any dtype.
        annotation: class numbers, uint8 `(*space)`; 255 = not annotated.
        model: class numbers of the same shape.
        channels: the names of the channels.
        pixel_size: along each axis, in any unit; None where unknown.
    """

    name: str
    words: str
    image: np.ndarray
    annotation: np.ndarray
    model: np.ndarray
    channels: Sequence[str] = ()
    pixel_size: Sequence[float] | None = None


def draw_contacts(path: Path, contacts: Sequence[Contact]) -> None:
    """Write the sheet as .png, .svg or .pdf, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    from PIL import Image

    rows = max(1, len(contacts))
    with figure_in_style("contacts", WIDTH * (len(COLUMNS) + 1), HEIGHT * rows + ABOVE) as figure:
        if not contacts:
            figure.text(0.5, 0.5, "No annotation looks wrong.", ha="center", color=palette.INK)
        for row, contact in enumerate(contacts):
            beside = figure.add_subplot(rows, len(COLUMNS) + 1, row * (len(COLUMNS) + 1) + 1)
            beside.set_axis_off()
            beside.text(0, 0.95, fill(contact.name, LETTERS - 8), va="top", weight="bold")
            beside.text(0, 0.82, fill(contact.words, LETTERS), va="top", color=palette.INK)
            for column, (title, picture) in enumerate(zip(COLUMNS, _pictures(contact), strict=True), start=2):
                axes = figure.add_subplot(rows, len(COLUMNS) + 1, row * (len(COLUMNS) + 1) + column)
                axes.imshow(np.asarray(Image.open(io.BytesIO(picture))))
                axes.set_axis_off()
                if row == 0:
                    axes.set_title(title, color=palette.MUTED)
        save_figure(figure, path)


def _pictures(contact: Contact) -> list[bytes]:
    drawn = np.where(contact.annotation == NOT_ANNOTATED, 0, contact.annotation).astype(np.uint8)
    return [outlined(contact.image, mask, channels=contact.channels, pixel_size=contact.pixel_size, longest=SIDE)
            for mask in (np.zeros_like(drawn), drawn, contact.model)]
