"""Where images come from that are converted: what Morula reads itself, or what a plug-in of bioio reads for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from morula.errors import FileError, RequestError
from morula.formats.plugins import Plugin
from morula.formats.stored import Contents
from morula.images.image import Image
from morula.images.read import image_holding, natural_order, open_image
from morula.names.endings import file_of, stem, zarr_of
from morula.pyramids.conversion_settings import ConversionSettings
from morula.whereabouts import as_path, entries


@dataclass(frozen=True)
class Original:
    """An image that is to be converted.

    Attributes:
        path: what it is called when something is said of it.
        file: where it lies: the file, or the OME-Zarr.
        stem: the name of what becomes of it, without its ending.
        opened: opens it, as the settings say.
    """

    path: Path
    file: Path
    stem: str
    opened: Callable[[ConversionSettings], Image]

    @classmethod
    def of(cls, path: Path) -> Original:
        """An image that Morula reads itself."""

        def opened(settings: ConversionSettings) -> Image:
            return open_image(path, axes=settings.axes, pixel_size=settings.pixel_size, channels=settings.channels)

        return cls(path, zarr_of(path) or file_of(path), stem(path), opened)

    @classmethod
    def by(cls, plugin: Plugin, file: Path, scene: int | None = None) -> Original:
        """An image that a plug-in reads; of several in the file, the one of this number, counted from 1."""

        def opened(settings: ConversionSettings) -> Image:
            contents: Contents = plugin.open(file, scene)
            return image_holding(file, contents, axes=settings.axes, pixel_size=settings.pixel_size,
                                 channels=settings.channels)

        name = next((file.name[: -len(each)] for each in sorted(plugin.endings, key=len, reverse=True)
                     if file.name[1:].lower().endswith(each)), file.stem)
        if scene is None:
            return cls(file, file, name, opened)
        return cls(file.with_name(f"{file.name}:{scene}"), file, f"{name}_scene{scene}", opened)


def originals_by(plugin: Plugin, images: str | Path | Sequence[str | Path]) -> list[Original]:
    """The images that a plug-in finds in files, in folders, or behind patterns; in folders by what names end in.

    Raises:
        RequestError: a name does not exist, or there is no image.
    """
    several = [images] if isinstance(images, str | Path) else images
    files = sorted({file for each in several for file in _files(plugin, as_path(each).expanduser())}, key=natural_order)
    if not files:
        raise RequestError(f"No images for {plugin.name} in {', '.join(map(str, several))}. Its files end in "
                           f"{', '.join(sorted(plugin.endings))}; others are given by their names.")
    return [original for file in files for original in _inside(plugin, file)]


def _files(plugin: Plugin, place: Path) -> list[Path]:
    """The files in a place: itself, those of a folder that the plug-in says it reads, or those that a pattern fits."""
    if place.is_file():
        return [place]
    if place.is_dir():
        visible = [file for file, is_folder in entries(place) if not is_folder and not file.name.startswith(".")]
        return [file for file in visible if file.name.lower().endswith(tuple(plugin.endings))]
    if not set("*?[") & set(place.name):
        raise RequestError(f"{place} does not exist. Check the spelling, or give a folder, a file or a pattern.")
    return [file for file in place.parent.glob(place.name) if file.is_file()]


def _inside(plugin: Plugin, file: Path) -> list[Original]:
    """Each image in a file; the file itself where it cannot be read, so that it is named when its turn comes."""
    try:
        count = len(plugin.scenes(file))
    except FileError:
        count = 1
    return [Original.by(plugin, file, number) for number in (range(1, count + 1) if count > 1 else [None])]
