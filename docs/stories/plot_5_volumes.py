"""
Volumes
=======

The same in three dimensions, with the same functions: what has three spatial axes is learned by a network of
three axes, and measured in µm³. Boxes and balls lie in noise; of each volume, three planes through what is in
question are shown.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from side_by_side import side_by_side

import morula
from morula.drawings.shapes import draw_shapes
from morula.objects.tables import Table
from morula.plots import palette
from morula.plots.figures import STYLE
from morula.plots.overlay import outlined, overlay

place = Path(tempfile.mkdtemp())
case = {"axes": 3, "size": 40}
known = morula.draw("shapes", place / "known", count=32, **case)
side_by_side([outlined(drawing.image, drawing.mask) for drawing in draw_shapes(3, **case)], columns=3)

# %%
# A network of three axes
# -----------------------

training = morula.train(known.images, known.masks, place / "shapes.safetensors", steps=80)
print(training.times)
training.model

# %%
# Volumes that it has not seen
# ----------------------------

new = morula.draw("shapes", place / "new", count=6, seed=1, **case)
morula.segment(training.model, new.images, place / "found")
morula.evaluate(place / "found", new.masks)

# %%
drawings = list(draw_shapes(3, seed=1, **case))
masks = [morula.open_image(place / f"found/{drawing.name}.tif").frame(0)[0] for drawing in drawings]
side_by_side([overlay(drawing.image, drawing.mask, mask)
              for drawing, mask in zip(drawings, masks, strict=True)], columns=3)

# %%
# Measured in space
# -----------------
#
# How much of its ball of equal volume does the surface of a thing have? A ball has a sphericity of 1, a cube
# of 0.81.

table = place / "table.csv"
morula.measure(place / "found", table, measures=["size", "sphericity"], drop_border=True, min_size=200)
measured = Table.load(table)

plt.rcParams.update(STYLE)
figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.plot(measured["volume_um3"], measured["sphericity"], "o", color=palette.ACCENT, alpha=0.7)
axes.set(xlabel="volume (µm³)", ylabel="sphericity")

# %%
# The same is typed as ``morula synth shapes --axes 3``, ``morula train`` and ``morula measure``.
