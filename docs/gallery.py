"""The pictures and scores of the gallery, made by Morula itself: `.venv/bin/python docs/gallery.py`.

Trains eight times for two minutes. A short training on another processor gives slightly other masks.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

import numpy as np
from pictures import mounted, save
from PIL import Image as Picture

import morula
from morula.drawings.drawn import Drawing
from morula.drawings.shapes import draw_shapes
from morula.plots import palette
from morula.scores.compare import compare_masks, summarise

PAGE = Path(__file__).with_name("gallery.md")
PLACE = re.compile(r"(<!-- scores -->\n).*?(<!-- end of scores -->)", re.DOTALL)
CASES = ((1, 1), (1, 2), (1, 5), (3, 5))
"""Channels and classes."""
SIZES = {2: 144, 3: 48}
SIDE = 144
"""The side of a picture on the page, in pixels."""
COLOURS = np.array([palette.rgb(colour) for colour in (
    palette.INK, palette.OTHER_CLASS, palette.PREDICTION_ONLY, palette.BOTH, palette.TRUTH_ONLY, "#c678dd")], np.uint8)
"""Of background and classes."""
KNOWN, NEW, SHOWN = 48, 12, 2
"""Images to learn from, images to measure on, and how many of these are shown."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="for each of the eight trainings")
    minutes = parser.parse_args().minutes
    rows = []
    for channels, classes in CASES:
        lines, scores = zip(*(learnt(axes, channels, classes, minutes) for axes in SIZES), strict=True)
        save(f"shapes-{channels}-{classes}.png", mounted(list(lines)))
        rows.append(f"| {counted(channels, 'channel')}, {counted(classes, 'class')} | {' | '.join(scores)} |")
        print(rows[-1], flush=True)
    table = "\n".join(["| case | IoU in 2-D | IoU in 3-D |", "| --- | --- | --- |", *rows]) + "\n"
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(PLACE.sub(lambda place: place[1] + table + place[2], page), encoding="utf-8")


def learnt(axes: int, channels: int, classes: int, minutes: float) -> tuple[list[Picture.Image], str]:
    """A line of pictures, image and truth and prediction of some new images, and the foreground IoU of all."""
    case = {"axes": axes, "channels": channels, "classes": classes, "size": SIZES[axes]}
    with tempfile.TemporaryDirectory() as place:
        known = morula.draw("shapes", place, count=KNOWN, seed=0, **case)
        model = morula.train(known.images, known.masks, Path(place) / "model.safetensors", minutes=minutes).model
    drawings = list(draw_shapes(NEW, seed=1, **case))
    masks = [model.segment(drawing.image, drawing.axes) for drawing in drawings]
    scores = summarise([compare_masks(drawing.mask, mask, classes, name=drawing.name)
                        for drawing, mask in zip(drawings, masks, strict=True)])
    line = [picture for drawing, mask in zip(drawings[:SHOWN], masks, strict=False)
            for picture in (seen(drawing), *(coloured(flat(each, drawing.mask)) for each in (drawing.mask, mask)))]
    return line, f"{scores.foreground_iou:.3f}"


def flat(array: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A picture `(…, y, x)` as it is; of a volume `(…, z, y, x)` the plane that holds most of the mask."""
    return array if mask.ndim == 2 else array[..., (mask > 0).sum(axis=(1, 2)).argmax(), :, :]


def seen(drawing: Drawing) -> Picture.Image:
    """The image, or a plane of it: one channel in grey, three in red, green and blue."""
    channels = flat(drawing.image, drawing.mask)
    shown = np.minimum(channels * (255 / np.percentile(channels, 99.5)), 255).astype(np.uint8)
    return enlarged(np.moveaxis(np.broadcast_to(shown, (3, *shown.shape[1:])), 0, -1))


def coloured(mask: np.ndarray) -> Picture.Image:
    """A mask in the colours of its classes."""
    return enlarged(COLOURS[mask])


def enlarged(pixels: np.ndarray) -> Picture.Image:
    return Picture.fromarray(np.ascontiguousarray(pixels)).resize((SIDE, SIDE), Picture.Resampling.NEAREST)


def counted(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number} {thing}{'es' if thing.endswith('s') else 's'}"


if __name__ == "__main__":
    main()
