"""
Every block of a network
========================

A U-Net is made of blocks. Plain convolutions, residual ones as in ResNet, dense ones as in DenseNet, inception
ones, small U-Nets within the large one, and those of ConvNeXt: any of them is a word. :doc:`Networks
</networks>` says where each comes from. Here each learns the same from the same images, beginning with
random weights.
"""

import json
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from side_by_side import side_by_side

import morula
from morula.drawings.synthetic import draw_gastruloids
from morula.networks.blocks import BLOCKS
from morula.plots import palette
from morula.plots.figures import STYLE
from morula.plots.overlay import overlay

place = Path(tempfile.mkdtemp())
known = morula.draw("gastruloids", place / "known", count=48, movies=12, size=96)
trainings = {
    block: morula.train(known.images, known.masks, place / f"{block}.safetensors", block=block,
                        steps=50, width=8, depth=4, stem=1, batch=4, from_nothing=True)
    for block in BLOCKS
}

# %%
# How the loss falls
# ------------------
#
# Each line is the mean over ten steps.


def losses(log: Path) -> np.ndarray:
    """The loss of each step of a training."""
    lines = map(json.loads, log.read_text().splitlines())
    return np.array([line["loss"] for line in lines if "loss" in line])


plt.rcParams.update(STYLE)
figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
for (block, training), colour in zip(trainings.items(), palette.CONDITIONS, strict=True):
    loss = losses(training.log)
    axes.plot(np.arange(10, len(loss) + 1), np.convolve(loss, np.full(10, 0.1), "valid"),
              label=block, color=colour)
axes.set(xlabel="step", ylabel="loss")
axes.legend(frameon=False, ncols=2)

# %%
# What each has learned
# ---------------------
#
# The same frame of a movie that none has seen.

frame = next(draw_gastruloids(1, movies=1, seed=9, size=96))
side_by_side([overlay(frame.image[None], frame.mask, training.model.segment(frame.image))
              for training in trainings.values()], [*trainings], columns=3)

# %%
# So few steps say which block learns soonest, and not which is best in the end. Few weights are not few seconds:
# the :doc:`gallery </gallery>` has scores of each block after the same time.

print("block        weights  seconds  foreground IoU")
for block, training in trainings.items():
    weights = sum(weight.numel() for weight in training.model.network.parameters())
    print(f"{block:10} {weights:9,}  {training.model.record['seconds']:7.1f}  "
          f"{training.scores.foreground_iou:14.3f}")

# %%
# The same is typed as ``morula train IMAGES MASKS --block inception``.

# sphinx_gallery_thumbnail_number = 2
