"""Fields of aggregates in styles that have names, each with its truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from morula.drawings.drawn import Drawing
from morula.errors import RequestError
from morula.worlds.camera import photograph
from morula.worlds.optics import Contrast, light_of
from morula.worlds.scene import Scene


@dataclass(frozen=True)
class Style:
    """What some labs look at.

    Attributes:
        kinds: of bodies.
        microscope: under which they are.
    """

    kinds: tuple[str, ...]
    microscope: str


STYLES = {
    "gastruloids in phase contrast": Style(("compact", "tipped", "tipped"), "phase contrast"),
    "gastruloids in brightfield": Style(("compact", "tipped", "lobed"), "brightfield"),
    "spheroids in brightfield": Style(("compact", "loose", "broken", "lobed"), "dark on light"),
    "organoids in brightfield": Style(("compact", "hollow", "budding", "lobed"), "brightfield"),
    "relief": Style(("compact", "tipped", "loose", "hollow", "lobed"), "relief"),
    "fluorescence": Style(("compact", "tipped", "loose", "hollow", "budding"), "fluorescence"),
    "anything": Style(("compact", "tipped", "loose", "broken", "lobed", "hollow", "budding"), "anything"),
}
"""All that is drawn; each is as likely."""
CLASSES = ("body", "shed cells")


def draw_field(name: str, seed: int, number: int, size: int = 192, classes: int = 2) -> Drawing:
    """A field in a style, `size` pixels high and wide; the same seed and number draw the same."""
    rng = np.random.default_rng([seed, number, list(STYLES).index(name)])
    style = STYLES[name]
    scene = Scene.drawn(style.kinds, (size, size), rng)
    light = light_of(scene, Contrast.drawn(style.microscope, rng), rng)
    mark = name.replace(" ", "-")
    return Drawing(f"{mark}-{number:05d}_0", photograph(light, rng), scene.mask(classes), (1.0, 1.0))


def draw_fields(
    count: int, *, seed: int = 0, size: int = 192, classes: int = 2, styles: Sequence[str] = tuple(STYLES)
) -> Iterator[Drawing]:
    """So many fields, of each style in turn, with names that follow from style and number.

    Args:
        count: how many.
        seed: everything follows from it.
        size: height and width in pixels.
        classes: 1 to mark bodies only, 2 to mark shed cells also.
        styles: names of `STYLES`.

    Raises:
        RequestError: there are no so many classes.
    """
    if classes not in (1, 2):
        raise RequestError(f"classes must be 1 (body) or 2 (body and shed cells), not {classes}.")
    return (draw_field(styles[number % len(styles)], seed, number, size, classes) for number in range(count))
