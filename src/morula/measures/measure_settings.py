"""How a measurement is asked for."""

from __future__ import annotations

from pydantic import Field, field_validator

from morula.images.overrides import Axes, PixelSize
from morula.measures.catalogue import asked_for
from morula.objects.selection import ObjectSettings
from morula.pairs.masks import ReadAs
from morula.pairs.named_classes import ClassNames
from morula.sharing import Sharing


class MeasureSettings(Sharing, ObjectSettings):
    """How masks and images are read, what is measured, and who measures."""

    read_masks_as: ReadAs = "auto"
    """What the values in masks mean; auto looks at them."""
    not_annotated: int | None = None
    """The value in masks that marks what nobody annotated; it belongs to no object."""
    class_names: ClassNames = None
    """What the classes are called, in the order of their numbers: cell,wall. Background may stand first, or not."""
    axes: Axes = None
    """The axes of the stored arrays, letters of TCZYX, such as TCYX."""
    pixel_size: PixelSize = None
    """µm a pixel, or along each axis, over what the files say; without any, lengths are in pixels."""
    channels: tuple[str, ...] | None = None
    """The names of all channels of an image, in order."""
    use_channels: tuple[str, ...] | None = None
    """The channels to measure, by name or by number from 1; all where left out."""
    background: float = 0
    """What the camera shows without light; it is taken from every intensity."""
    parts: int = Field(default=10, ge=1)
    """Into how many parts profiles are divided."""
    measures: tuple[str, ...] | None = None
    """What to measure, by the topics and names of --list, such as size,axes,solidity; all where left out."""

    @field_validator("measures")
    @classmethod
    def _known(cls, words: tuple[str, ...] | None) -> tuple[str, ...] | None:
        asked_for(words)
        return words
