"""
The wall of the heart, under several contrasts
==============================================

A magnetic resonance scanner shows the same heart in many ways: blood brighter than the wall or darker, scar
bright or hardly seen. People outline the wall of the left ventricle in sections across its long axis. Its
thickness varies, papillary muscles look like wall and belong to the cavity, signal is uneven, and its noise is
that of a magnitude. The sections here are drawn, since those of patients may not be passed on.
"""

import tempfile
from pathlib import Path

import numpy as np
from side_by_side import side_by_side

import morula
from morula.drawings.magnetic_resonance import CONTRASTS
from morula.drawings.short_axis import draw_hearts
from morula.plots.overlay import outlined, overlay
from morula.scores.compare import compare_masks, summarise

# %%
# Sections with their walls
# -------------------------
#
# Each section is of a heart of its own, under any of four contrasts.

place = Path(tempfile.mkdtemp())
known = morula.draw("hearts", place / "known", count=80)
first = list(draw_hearts(8))
side_by_side([outlined(drawing.image, drawing.mask) for drawing in first])

# %%
# A network learns
# ----------------
#
# One network for all contrasts: it is not told which it sees.

training = morula.train(known.images, known.masks, place / "wall.safetensors", steps=160)
print(training.times)
training.scores

# %%
# Hearts that it has not seen
# ---------------------------
#
# Each row is one new heart under all four contrasts. In red, what the annotation has alone; in blue, what the
# network has alone; in green, both.

hearts = list(draw_hearts(12, channels=len(CONTRASTS), seed=1))
masks = [[training.model.segment(channel) for channel in heart.image] for heart in hearts]
side_by_side(
    [overlay(channel[None], heart.mask, mask)
     for heart, found in zip(hearts[:4], masks, strict=False)
     for channel, mask in zip(heart.image, found, strict=True)],
    [*CONTRASTS] * 4,
)

# %%
# Is any contrast harder than the others? The foreground IoU of the twelve hearts under each:

for place_of, name in enumerate(CONTRASTS):
    scores = summarise([compare_masks(heart.mask, found[place_of], 1, name=heart.name)
                        for heart, found in zip(hearts, masks, strict=True)])
    print(f"{name:16}  {scores.foreground_iou:.3f}")

# %%
# How thick is the wall?
# ----------------------
#
# A ring of area :math:`A` around a cavity of area :math:`C` is as thick on average as one between two circles:
# :math:`\sqrt{(A + C)/\pi} - \sqrt{C/\pi}`.


def thickness(wall: np.ndarray) -> float:
    """The mean thickness of a ring in mm, of a mask ``(rows, columns)``."""
    inside = filled(wall) & (wall == 0)
    areas = np.array([(wall > 0).sum() + inside.sum(), inside.sum()]) * hearts[0].pixel_size[0] ** 2 / 1e6
    return float(np.sqrt(areas[0] / np.pi) - np.sqrt(areas[1] / np.pi))


def filled(wall: np.ndarray) -> np.ndarray:
    """The mask with what it encloses."""
    from scipy import ndimage

    return ndimage.binary_fill_holes(wall > 0)


print("heart  annotated    found under each contrast (mm)")
for heart, found in zip(hearts[:6], masks, strict=False):
    told = "  ".join(f"{thickness(mask):4.1f}" for mask in found)
    print(f"{heart.name[-3:]}         {thickness(heart.mask):4.1f}      {told}")

# %%
# The same is typed as ``morula synth hearts`` and ``morula train``. With ``channels=4`` a network sees all
# contrasts of a section at once.
