"""What dyes leave of the light of a lamp."""

from __future__ import annotations

import numpy as np

DYES = {
    "haematoxylin": (0.65, 0.70, 0.29), "methylene blue": (0.75, 0.60, 0.20), "eosin": (0.10, 0.95, 0.25),
    "diaminobenzidine": (0.27, 0.57, 0.78), "azure": (0.55, 0.80, 0.15), "orange": (0.05, 0.40, 0.90),
    "fast green": (0.85, 0.30, 0.35),
}
"""How much each takes away of red, green and blue; after Ruifrok and Johnston 2001 and by eye."""


def dye(names: tuple[str, ...], rng: np.random.Generator) -> np.ndarray:
    """One of the dyes, no batch of which is like another; now and then any colour."""
    taken = np.array(DYES[names[int(rng.integers(len(names)))]]) if rng.random() < 0.85 else rng.uniform(0.05, 1, 3)
    taken = np.clip(taken + rng.normal(0, 0.07, 3), 0.02, None)
    return (taken / np.linalg.norm(taken)).astype(np.float32)


def left(dyes: list[np.ndarray], amounts: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The light that is left, `(rows, columns, 3)`, of a lamp that is white or yellowish."""
    yellow = rng.uniform(0, 0.5) * (rng.random() < 0.4)
    lamp = rng.uniform(0.8, 1.0) * np.array([1, 1 - rng.uniform(0, 0.15), 1 - yellow])
    density = sum(np.clip(amount, 0, None)[..., None] * dye for dye, amount in zip(dyes, amounts, strict=True))
    return (lamp * np.exp(-density)).astype(np.float32)
