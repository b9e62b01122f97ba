"""Examples that a small network learns in a few steps."""

from __future__ import annotations

import numpy as np

from morula.examples.example import ArrayExample, class_shares


def squares(count: int, seed: int = 0, side: int = 32) -> list[ArrayExample]:
    """Bright squares on a dark, noisy ground."""
    rng = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        mask = np.zeros((side, side), np.uint8)
        y, x = rng.integers(2, side - 14, 2)
        mask[y : y + 12, x : x + 12] = 1
        image = (2 * mask + rng.normal(0, 0.5, mask.shape))[None].astype(np.float32)
        examples.append(ArrayExample(f"{seed}-{number}", image, class_shares(mask, 1, (1, 1))))
    return examples
