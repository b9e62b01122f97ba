"""
Any channels, any classes
=========================

Boxes and discs in the noise of magnetic resonance, in four cases: one channel and one class, in which no
threshold is enough; two classes that only their form tells apart; five classes of several forms and
brightnesses; and five classes that show in different channels. Nothing is chosen but the data.
The :doc:`gallery </gallery>` has the same in volumes.
"""

import tempfile
from pathlib import Path

from side_by_side import side_by_side

import morula
from morula.drawings.shapes import draw_shapes
from morula.plots.overlay import outlined, overlay
from morula.scores.compare import compare_masks, summarise

# %%
# Each case is learned from 48 images, and looked at in new ones. Above, what is to be found, a colour for each
# class; below, what was: amber is something else than the annotation has there.


def learn(channels: int, classes: int, steps: int) -> None:
    """Learn a case, and show four images that the network has not seen."""
    place = Path(tempfile.mkdtemp())
    case = {"channels": channels, "classes": classes, "size": 128}
    known = morula.draw("shapes", place / "known", count=48, **case)
    training = morula.train(known.images, known.masks, place / "shapes.safetensors", steps=steps)
    new = list(draw_shapes(8, seed=1, **case))
    masks = [training.model.segment(drawing.image, drawing.axes) for drawing in new]
    scores = summarise([compare_masks(drawing.mask, mask, classes, name=drawing.name)
                        for drawing, mask in zip(new, masks, strict=True)])
    print(f"{training.model.record['steps_done']} steps; foreground IoU of 8 new images: "
          f"{scores.foreground_iou:.3f}, pixel accuracy {scores.pixel_accuracy:.3f}")
    side_by_side([*(outlined(drawing.image, drawing.mask) for drawing in new[:4]),
                  *(overlay(drawing.image, drawing.mask, mask)
                    for drawing, mask in zip(new[:4], masks, strict=False))])


# %%
# One channel, one class
# ----------------------

learn(channels=1, classes=1, steps=60)

# %%
# One channel, two classes
# ------------------------
#
# Boxes are one class and discs the other.

learn(channels=1, classes=2, steps=100)

# %%
# One channel, five classes
# -------------------------
#
# Form and brightness together tell the classes apart.

learn(channels=1, classes=5, steps=140)

# %%
# Three channels, five classes
# ----------------------------
#
# Each class shows in channels of its own, and form means nothing.

learn(channels=3, classes=5, steps=80)

# %%
# The same is typed as ``morula synth shapes --channels 3 --classes 5`` and ``morula train``.
