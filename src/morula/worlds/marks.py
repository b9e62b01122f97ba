"""What programs burn into pictures: scale bars, time stamps, arrows, frames."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def burn_in(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture, uint8, with a mark or two in white, black or grey."""
    canvas = Image.fromarray(picture)
    pen = ImageDraw.Draw(canvas)
    height, width = picture.shape
    ink = int(rng.choice([0, 255, 255, 200]))
    if rng.random() < 0.6:
        length, thick = rng.uniform(0.1, 0.35) * width, max(1, round(rng.uniform(0.006, 0.02) * height))
        x, y = _in_corner(length, 0.04 * height, width, height, rng)
        pen.rectangle([x, y, x + length, y + thick], fill=ink)
    if rng.random() < 0.6:
        words = str(rng.choice(["00:00", "t=12", "200 um", "48 h", "A1", "B07", "12.5 h", "100 µm", "Well 3", "day 4"]))
        font = ImageFont.load_default(size=max(7, round(rng.uniform(0.04, 0.1) * height)))
        left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
        x, y = _in_corner(right - left, bottom - top, width, height, rng)
        pen.text((x, y), words, fill=ink, font=font)
    if rng.random() < 0.25:
        x, y, length = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.05, 0.2) * width
        angle = rng.uniform(-np.pi, np.pi)
        for turn, share in ((0.0, 1.0), (0.4, 0.4), (-0.4, 0.4)):
            reach = length * share
            pen.line([x, y, x + reach * np.cos(angle + turn), y + reach * np.sin(angle + turn)], fill=ink, width=1)
    return np.asarray(canvas)


def _in_corner(wide: float, high: float, width: int, height: int, rng: np.random.Generator) -> tuple[float, float]:
    margin = rng.uniform(0.02, 0.08) * height
    left, top = rng.random(2) < 0.5
    return (margin if left else width - margin - wide), (margin if top else height - margin - high)
