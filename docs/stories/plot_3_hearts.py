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
from scipy.ndimage import binary_fill_holes
from side_by_side import side_by_side

import morula
from morula.drawings.magnetic_resonance import CONTRASTS
from morula.drawings.short_axis import draw_hearts
from morula.objects.labels import main_object
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


def agreement(found: list[np.ndarray]) -> float:
    """The foreground IoU of masks of all hearts."""
    return summarise([compare_masks(heart.mask, mask, 1, name=heart.name)
                      for heart, mask in zip(hearts, found, strict=True)]).foreground_iou


for number, contrast in enumerate(CONTRASTS):
    print(f"{contrast:16}  {agreement([found[number] for found in masks]):.3f}")

# %%
# All contrasts at once
# ---------------------
#
# Scar that is as bright as blood looks like cavity, and one contrast alone does not tell. With all contrasts of
# a section as channels, a second network sees more.

together = morula.draw("hearts", place / "together", count=80, channels=len(CONTRASTS))
second = morula.train(together.images, together.masks, place / "together.safetensors", steps=120)
found = [second.model.segment(heart.image, heart.axes) for heart in hearts]
print(f"foreground IoU {agreement(found):.3f}")
late = [*CONTRASTS].index("late enhancement")
side_by_side([overlay(heart.image[[late]], heart.mask, mask)
              for heart, mask in zip(hearts[:8], found, strict=False)])

# %%
# How thick is the wall?
# ----------------------
#
# A ring of area A around a cavity of area C is about as thick as one between two circles: √((A + C)/π) − √(C/π).


def thickness(wall: np.ndarray) -> float:
    """The mean thickness of a ring in mm, of a mask ``(rows, columns)``."""
    whole, cavity = binary_fill_holes(wall).sum(), (binary_fill_holes(wall) & (wall == 0)).sum()
    return (np.sqrt(whole / np.pi) - np.sqrt(cavity / np.pi)) * hearts[0].pixel_size[0] / 1000


print("heart  annotated  found (mm)")
for heart, mask in zip(hearts, found, strict=True):
    print(f"{heart.name[-3:]}   {thickness(heart.mask):10.1f}  {thickness(main_object(mask)):5.1f}")

# %%
# The same is typed as ``morula synth hearts --channels 4`` and ``morula train``.

# sphinx_gallery_thumbnail_number = 2
