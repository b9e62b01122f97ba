"""
Gastruloids, from frames to growth curves
=========================================

A gastruloid is a ball of embryonic stem cells that grows, stretches and sheds cells all around itself.
Where its outline runs among what it has shed is hard to say for a threshold, and easy for a small network.
How fast does it grow?
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from side_by_side import side_by_side

import morula
from morula.objects.tables import Table
from morula.plots import palette
from morula.plots.figures import STYLE
from morula.plots.overlay import outlined, overlay

# %%
# Frames with their outlines
# --------------------------
#
# Ten movies are annotated, eight frames of each. They are drawn here, so that their true outlines are known.

place = Path(tempfile.mkdtemp())
known = morula.draw("gastruloids", place / "known", movies=10, frames=8)


def opened(folder: Path, name: str) -> np.ndarray:
    """A frame of a folder, shape ``(1, rows, columns)``."""
    return morula.open_image(folder / f"{name}.tif").frame(0)


names = [f"movie{movie:02d}_t007" for movie in range(4)]
side_by_side([outlined(opened(known.images, name), opened(known.masks, name)[0])
              for name in names])

# %%
# A network learns
# ----------------
#
# One of the ten movies is held out as a whole to validate: two frames of one movie are nearly the same
# picture, and a split at random would flatter. All else is planned from the frames. Give ``minutes=3`` in
# place of the steps, and it learns for as long as that.

model_file = place / "gastruloids.safetensors"
training = morula.train(known.images, known.masks, model_file, steps=100)
print(training.times)
training.scores

# %%
# Movies that it has never seen
# -----------------------------
#
# Three new movies are outlined. With frames whose truth is known, it can be said how well.

new = morula.draw("gastruloids", place / "new", movies=3, frames=16, seed=7)
found = morula.segment(training.model, new.images, place / "found", main_object=True)
morula.evaluate(place / "found", new.masks)

# %%
names = [f"movie{movie:02d}_t{frame:03d}"
         for movie in range(3) for frame in (0, 5, 10, 15)]
folders = (new.images, new.masks, place / "found")
seen = [[opened(folder, name) for folder in folders] for name in names]
side_by_side([overlay(image, truth[0], mask[0]) for image, truth, mask in seen], names)

# %%
# Growth
# ------
#
# Each gastruloid keeps its number through its movie, and a table says where it is, how large it is and how
# fast it grows. A frame is taken every two hours.

curves = {}
for masks in (place / "found", new.masks):
    followed = morula.track(masks, place / f"followed_{masks.name}", minutes_per_frame=120)
    curves[masks.name] = Table.load(followed.table)

curves["found"]

# %%
# Lines are as the network sees it, dots are the truth.


def through_time(table: Table, column: str, movie: int) -> np.ndarray:
    """The values of a column in one movie, from moment to moment."""
    rows = [row for row in table.rows if row["file"].startswith(f"movie{movie:02d}")]
    return np.array([row[column] for row in sorted(rows, key=lambda row: row["moment"])], float)


plt.rcParams.update(STYLE)
figure, (size, speed) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for movie, colour in enumerate(palette.CONDITIONS[1:4]):
    for axes, column, unit in ((size, "area_um2", 1e6), (speed, "area_um2_per_h", 1e3)):
        line, dots = (through_time(curves[of], column, movie) / unit for of in ("found", "masks"))
        axes.plot(2 * np.arange(len(line)), line, color=colour, label=f"movie {movie}")
        axes.plot(2 * np.arange(len(dots)), dots, ".", color=colour)
size.set(xlabel="time (h)", ylabel="area (mm²)")
speed.set(xlabel="time (h)", ylabel="growth (1000 µm² per h)")
size.legend(frameon=False)

# %%
# The same is typed as ``morula train``, ``morula segment``, ``morula evaluate`` and ``morula track``;
# ``morula plot`` draws curves of whole experiments, with the size of each difference between conditions.
