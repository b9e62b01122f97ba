"""
Cells in electron micrographs
=============================

In an electron micrograph, cells fill the picture, and what parts them are membranes a few pixels wide. What
lies within cells, such as mitochondria and vesicles, has membranes, too, and these part nothing. The
micrographs here are drawn. Every training begins with what a network has learned from drawings, among them
such as these; ``from_nothing=True`` begins with random weights.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage
from side_by_side import side_by_side

import morula
from morula.drawings.drawn import Drawing, save_drawings
from morula.objects.tables import Table
from morula.plots import palette
from morula.plots.figures import STYLE
from morula.plots.overlay import outlined, overlay
from morula.specimens.micrographs import micrograph
from morula.specimens.partitions import partition

# %%
# Micrographs with their cells
# ----------------------------
#
# In the annotation each cell has a number of its own. Lines run between cells.


def drawn(number: int) -> Drawing:
    """A micrograph of one lab: 192 pixels on a side, cells about 40 wide, dark membranes."""
    rng = np.random.default_rng([2001, number])
    cells = partition((192, 192), (1.0, 1.0), rng.uniform(34, 46), seam := rng.uniform(2.5, 4.0), rng)
    light = micrograph(cells, seam, rng)
    if light[cells.inside].mean() < light[~cells.inside].mean():
        light = -light
    seen = ndimage.gaussian_filter(light, 0.8) + 0.12 * rng.standard_normal(light.shape)
    low, high = np.percentile(seen, (0.5, 99.5))
    grey = np.clip(255 * (seen - low) / (high - low), 0, 255).astype(np.uint8)
    return Drawing(f"cells_{number:03d}", grey, cells.labels, (1.0, 1.0))


place = Path(tempfile.mkdtemp())
known = [drawn(number) for number in range(40)]
save_drawings(known, place / "known")
side_by_side([outlined(drawing.image[None], drawing.mask, numbered=True) for drawing in known[:8]])

# %%
# A network learns
# ----------------
#
# It learns what is cell and what is membrane: with ``read_masks_as="binary"`` the numbers of cells do not
# matter. Cells are then what membranes part.

training = morula.train(place / "known/images", place / "known/masks", place / "cells.safetensors",
                        steps=100, read_masks_as="binary")
print(training.times)
training.scores

# %%
# Micrographs that it has not seen
# --------------------------------

new = [drawn(number) for number in range(100, 108)]
save_drawings(new, place / "new")
morula.segment(training.model, place / "new/images", place / "found")
masks = [morula.open_image(place / f"found/{drawing.name}.tif").frame(0)[0] for drawing in new]
side_by_side([overlay(drawing.image[None], (drawing.mask > 0).astype(np.uint8), mask)
              for drawing, mask in zip(new, masks, strict=True)])

# %%
# How many cells were found, of those that are there?

morula.evaluate(place / "found", place / "new/masks", objects=True)

# %%
# How large are they? What touches the border is cut, and does not count.

sizes = {}
for title, folder in (("annotated", "new/masks"), ("found", "found")):
    table = place / f"{title}.csv"
    morula.measure(place / folder, table, measures=["size"], drop_border=True, min_size=60)
    diameters = Table.load(table)["equivalent_diameter_um"]
    sizes[title] = [diameter for diameter in diameters if diameter is not None]

plt.rcParams.update(STYLE)
figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.hist(sizes.values(), bins=16, label=[*sizes], color=[palette.TRUTH_ONLY, palette.PREDICTION_ONLY])
axes.set(xlabel="diameter of a cell (µm)", ylabel="cells")
axes.legend(frameon=False)

# %%
# Where no membrane is seen between cells that touch, ``morula train --objects`` learns to part them.
