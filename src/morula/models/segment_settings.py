"""How images are read for a model, and how a segmentation is asked for: readable without torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from morula.images.overrides import Axes, PixelSize
from morula.objects.cleaning import Cleaning
from morula.settings import Settings
from morula.sharing import Sharing


class ReadingSettings(Settings):
    """How images are read, where they do not say it themselves."""

    axes: Axes = None
    """The axes of the stored arrays, letters of TCZYX, such as TCYX."""
    pixel_size: PixelSize = None
    """The size of a pixel in µm: one number, or one for each spatial axis in the order z, y, x."""
    channels: tuple[str, ...] | None = None
    """The names of all channels of a file, in order."""
    use_channels: tuple[str, ...] | None = None
    """The channels that stand for those of the model, in its order, by name or by number from 1."""


class SegmentSettings(Sharing, Cleaning, ReadingSettings):
    """How images are read, where masks may go, and who makes them."""

    flips: bool = True
    """Average each prediction over the image and its mirror images: a little better, and several times the work."""
    main_object: bool | None = None
    """Keep only the largest connected piece of each mask; if left open, as the training masks suggested."""
    keep_specks: bool = False
    """Keep pieces that are far smaller than annotated ones, which else take the class around them."""
    doubt: bool = False
    """Write beside the masks, in the folder doubt, how unsure the model is of each pixel."""
    overwrite: bool = False
    """Write over masks of another model or of older images."""
    labels: str | None = None
    """Write masks into the OME-Zarr of their images, too, as labels of this name."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """What the network computes with; left open, the fastest that is here and has been shown to keep the masks."""
    review: int | None = Field(default=None, ge=1)
    """Show so many frames that are most worth a look, worst first, in the folder review beside the masks."""

    @property
    def cleaning(self) -> Cleaning:
        """What is done to masks."""
        return Cleaning(**{name: getattr(self, name) for name in Cleaning.model_fields})


class SuggestSettings(ReadingSettings):
    """How many images are suggested, and how images are read."""

    count: int = Field(default=10, ge=1)
    """How many images to suggest."""


class FeatureSettings(ReadingSettings):
    """How an image is read to be looked at through the layers of a model."""

    layers: tuple[str, ...] | None = None
    """The layers whose maps are shown, such as encoder.0,decoder.3; the end of each stage if left out."""
