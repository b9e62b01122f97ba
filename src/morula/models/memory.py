"""What a model remembers of the frames that were annotated: enough to tell what is like them, and no picture."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Memory:
    """The annotated frames, or as many of them as are looked at.

    Attributes:
        embeddings: how the network sees some of them, see `embedding`, float16 `(frames, features)`.
        digests: of the pixels of all, uint8 `(frames, 16)`.
    """

    embeddings: np.ndarray
    digests: np.ndarray

    def knows(self, pixels: np.ndarray) -> bool:
        """Whether a frame has the very pixels of an annotated one."""
        return bool((self.digests == digest(pixels)).all(axis=1).any())


def digest(pixels: np.ndarray) -> np.ndarray:
    """Sixteen bytes that are the same for the same pixels `(channels, *space)` only, uint8 `(16,)`."""
    found = hashlib.blake2b(repr((pixels.shape, pixels.dtype.str)).encode(), digest_size=16)
    found.update(np.ascontiguousarray(pixels).data)
    return np.frombuffer(found.digest(), np.uint8)
