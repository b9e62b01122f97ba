"""
Every loss, and why the share of right pixels is not enough
===========================================================

A network learns what its loss asks for. Gastruloids shed cells, which are few pixels among many: a network that
sees none of them has most pixels right. The overlap of what is found with what is there (IoU) tells, and some
losses ask for it.
"""

import tempfile
from pathlib import Path
from typing import get_args

from side_by_side import side_by_side

import morula
from morula.drawings.synthetic import draw_gastruloids
from morula.networks.objective import LossName
from morula.plots.overlay import outlined, overlay

# %%
# Bodies and shed cells
# ---------------------
#
# Two classes: bodies, and the cells around them.

place = Path(tempfile.mkdtemp())
known = morula.draw("gastruloids", place / "known", count=48, movies=12, size=96, classes=2)
frames = list(draw_gastruloids(4, movies=4, seed=3, size=96, classes=2))
side_by_side([outlined(frame.image[None], frame.mask) for frame in frames])

# %%
# Each loss learns
# ----------------

trainings = {
    loss: morula.train(known.images, known.masks, place / f"{loss}.safetensors", loss=loss,
                       steps=50, quick=True, binning=1, class_names=("body", "shed"))
    for loss in get_args(LossName)
}

print("loss           right pixels  IoU of bodies  IoU of shed cells")
for loss, training in trainings.items():
    _, body, shed = training.scores.classes
    print(f"{loss:14} {training.scores.pixel_accuracy:12.3f}  {body.iou:13.3f}  {shed.iou:17.3f}")

# %%
# The same frame, as each has learned to see it:

side_by_side([overlay(frames[0].image[None], frames[0].mask, training.model.segment(frames[0].image))
              for training in trainings.values()], [*trainings])

# %%
# Losses of overlap look at the foreground alone, and may be long in learning that nothing is where nothing is.
# In a sum with another they are not: ``dice + cross_entropy`` is what is planned. Any sum is asked for as it is
# written, ``morula train IMAGES MASKS --loss 'jaccard + 0.5 focal'``. With ``--class-weights 1,1,3`` shed cells
# count three times as much as bodies.

# sphinx_gallery_thumbnail_number = 2
