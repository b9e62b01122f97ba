"""What images are converted to, and how they are read: readable without numpy."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from morula.images.overrides import Axes, PixelSize
from morula.settings import Settings, flag


class ConversionSettings(Settings):
    """How images are read, and what is written."""

    ome_zarr: Literal["0.4", "0.5"] = "0.4"
    """The version of OME-Zarr: 0.4, which all programs read, or 0.5."""
    shards: bool = False
    """Put chunks of OME-Zarr 0.5 together into larger files, of which there are fewer."""
    ome_tiff: bool = False
    """Write OME-TIFF in place of OME-Zarr; the ending of --out says it for a single image."""
    masks: bool = False
    """They are masks: smaller levels repeat numbers, where those of images average them."""
    reader: str | None = None
    """A plug-in of bioio that reads the images, such as bioio-bioformats, where Morula does not read them itself."""
    axes: Axes = None
    """The axes of the stored arrays, letters of TCZYX, such as TCYX."""
    pixel_size: PixelSize = None
    """The size of a pixel in µm: one number, or one for each spatial axis in the order z, y, x."""
    channels: tuple[str, ...] | None = None
    """The names of all channels of a file, in order."""
    overwrite: bool = False
    """Write over what has the same name."""

    @model_validator(mode="after")
    def _shards_need_v3(self) -> Self:
        if self.shards and (self.ome_zarr != "0.5" or self.ome_tiff):
            raise ValueError(f"{flag('shards')} needs {flag('ome_zarr')} 0.5, for nothing else knows them")
        return self
