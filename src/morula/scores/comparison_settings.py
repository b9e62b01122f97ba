"""How a comparison is asked for."""

from __future__ import annotations

from morula.images.overrides import Axes, PixelSize
from morula.pairs.masks import ReadAs
from morula.pairs.named_classes import ClassNames
from morula.settings import Settings


class ComparedMasksSettings(Settings):
    """How predicted and true masks are read."""

    read_truth_as: ReadAs = "auto"
    """What the values in the true masks mean."""
    read_predicted_as: ReadAs = "auto"
    """What the values in the predicted masks mean."""
    not_annotated: int | None = None
    """The value of true pixels that nobody annotated; they do not count."""
    axes: Axes = None
    """The axes of the stored arrays, letters of TCZYX, such as ZYX."""
    pixel_size: PixelSize = None
    """µm a pixel, or along each axis, over what the files say; without any, distances are in pixels."""
    class_names: ClassNames = None
    """What the classes are called, in the order of their numbers: cell,wall. Background may stand first, or not."""
    merge: tuple[str, ...] | None = None
    """Take several classes for one, by name or number: tissue=2+3; background=3 takes one for background."""
    leave_out: tuple[str, ...] | None = None
    """Classes, by name or number, whose true pixels do not count; they are background where predicted elsewhere."""


class ComparisonSettings(ComparedMasksSettings):
    """How predicted and true masks are read, and what of them is compared."""

    objects: bool = False
    """Count how many objects were found, too: those numbered in label images, or the connected pieces of each class."""
    tracks: bool = False
    """Score tracks, too, of label images in the layout of the Cell Tracking Challenge."""
    annotators: bool = False
    """Both are people and neither is the truth: say how well they agree, which a model need not surpass."""
