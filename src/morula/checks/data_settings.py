"""How image and mask files are understood, as a person says it."""

from __future__ import annotations

from morula.images.overrides import Axes, PixelSize
from morula.pairs.masks import ReadAs
from morula.pairs.named_classes import ClassNames
from morula.settings import Settings


class DataSettings(Settings):
    """How image and mask files are understood where they do not say it themselves."""

    axes: Axes = None
    """The axes of the stored arrays, letters of TCZYX, such as TCYX."""
    pixel_size: PixelSize = None
    """The size of a pixel in µm: one number, or one for each spatial axis in the order z, y, x."""
    channels: tuple[str, ...] | None = None
    """The names of all channels of a file, in order."""
    use_channels: tuple[str, ...] | None = None
    """The channels to learn from, by name or by number from 1; all where left out."""
    read_masks_as: ReadAs = "auto"
    """What the values in masks mean; auto looks at them."""
    not_annotated: int | None = None
    """The value in masks that marks what nobody annotated; such pixels do not count."""
    names: str | None = None
    """What the names of images tell, where they are not read rightly, as '{well}_{site}_{time}'."""
    class_names: ClassNames = None
    """What the classes are called, in the order of their numbers: cell,wall. Background may stand first, or not."""
    partly_annotated: bool = False
    """Where a mask leaves objects out that look like its own, only these and a rim around them are annotated."""
    groups: str | None = None
    """What must stay together: a pattern for the part of a name that is the movie or well, or a .csv (file,group)."""
