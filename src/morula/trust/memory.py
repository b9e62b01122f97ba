"""What a model remembers of the frames that were annotated: enough to tell what is like them, and no picture."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from morula.images.image import Image

BAND = 2**24
"""Pixels that are read at once, about."""
FEATURES = 10
"""Numbers of a channel that tell how a frame looks, see `segmenting.appearance`."""


@dataclass(frozen=True, eq=False)
class Memory:
    """The annotated frames, or as many of them as are looked at.

    Attributes:
        appearances: how some of them look, see `appearance`, float32 `(frames, features)`.
        digests: of the pixels of all, those that trained first, uint8 `(frames, 16)`.
    """

    appearances: np.ndarray
    digests: np.ndarray

    def knows(self, digest: bytes) -> bool:
        """Whether pixels with this digest were annotated."""
        return self.place(digest) is not None

    def place(self, digest: bytes) -> int | None:
        """The first of the annotated frames whose pixels have this digest, from 0; None where none has."""
        found = np.flatnonzero((self.digests == np.frombuffer(digest, np.uint8)).all(axis=1))
        return int(found[0]) if len(found) else None


def frame_digest(image: Image, frame: int) -> bytes:
    """Sixteen bytes that are the same for the same pixels only, read some rows at a time."""
    found = hashlib.blake2b(repr((len(image.channels), image.space, image.dtype.str)).encode(), digest_size=16)
    rows = max(1, int(BAND / np.prod(image.space[1:], dtype=float)))
    for start in range(0, image.space[0], rows):
        box = (slice(start, min(start + rows, image.space[0])), *image.whole[1:])
        found.update(np.ascontiguousarray(image.region(frame, box)).data)
    return found.digest()
