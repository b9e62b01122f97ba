"""An image and its mask, and one moment of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from morula.images.image import Image


@dataclass(frozen=True)
class Pair:
    """An image and its mask, a file each; a movie pairs frame by frame.

    Pairs of one `group` are never split between training and validation. In the moments that are `partial` only some
    objects are outlined.
    """

    image: Image
    mask: Image
    group: str
    partial: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Frame:
    """One moment of a pair."""

    pair: Pair
    index: int

    @property
    def name(self) -> str:
        """`cell_01` where the file holds one frame, `movie[12]` where it holds more."""
        name = self.pair.image.name
        return name if self.pair.image.frames == 1 else f"{name}[{self.index}]"

    @property
    def group(self) -> str:
        return self.pair.group

    @property
    def partly_annotated(self) -> bool:
        """Whether only some of its objects are outlined, and little else of it is annotated."""
        return self.index in self.pair.partial


@dataclass(frozen=True)
class Pairing:
    """The pairs of a data set, and the files that are in none."""

    pairs: tuple[Pair, ...]
    images_without_mask: tuple[Path, ...]
    masks_without_image: tuple[Path, ...]
    rule: str
