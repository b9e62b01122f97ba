"""Files of images made OME-Zarr or OME-TIFF, one after the other, region by region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from morula.cards import Card, Shown
from morula.errors import FileError, OutputError, RequestError
from morula.files import settled, whole_folder
from morula.names.endings import TIFF_ENDINGS, ZARR, called, ending
from morula.progress import Progress, silent
from morula.pyramids.conversion_settings import ConversionSettings
from morula.pyramids.originals import Original


@dataclass(frozen=True, repr=False)
class Converted(Shown):
    """What became of a set of images.

    Attributes:
        out: where they are: a folder, or the only one.
        written: what was made, in the order of the images.
        failed: what went wrong, by file.
    """

    out: Path
    written: tuple[Path, ...]
    failed: dict[Path, str]

    @property
    def card(self) -> Card:
        rows = [("out", str(self.out)), ("images", str(len(self.written))),
                *(("failed", said) for said in self.failed.values())]
        return Card("Converted", rows)


def convert_files(
    originals: Sequence[Original], out: Path, settings: ConversionSettings, progress: Progress = silent
) -> Converted:
    """Write each image as `out/STEM.ome.zarr` or `out/STEM.ome.tif`, with smaller levels, or a single one as `out`.

    Pixel sizes, channel names and axes are kept. No more than a region is in memory. Each is there whole or not at all,
    and one that cannot be read keeps no other from being written.

    Raises:
        RequestError: two images would have the same name, or a single name is given for several.
        OutputError: something is there already, or cannot be written.
    """
    targets = _targets(originals, out, settings)
    written, failed = [], {}
    for done, (original, target) in enumerate(zip(originals, targets, strict=True)):
        progress(done, len(originals), called(original.path))
        try:
            _convert(original, target, settings)
            written.append(target)
        except FileError as error:
            failed[original.path] = str(error)
    progress(len(originals), len(originals), "done")
    return Converted(out, tuple(written), failed)


def _targets(originals: Sequence[Original], out: Path, settings: ConversionSettings) -> list[Path]:
    if ending(out) in {ZARR, *TIFF_ENDINGS}:
        if len(originals) > 1:
            raise RequestError(f"{out} would be one image, and {len(originals)} are given. Name a folder with --out.")
        targets = [out]
    else:
        end = ".ome.tif" if settings.ome_tiff else f".ome{ZARR}"
        targets = [out / f"{original.stem}{end}" for original in originals]
    given = {settled(original.file) for original in originals}
    owners: dict[Path, Path] = {}
    for original, target in zip(originals, targets, strict=True):
        if (other := owners.setdefault(target, original.path)) != original.path:
            raise RequestError(f"{other} and {original.path} would both become {target}. Convert them into different "
                               "folders.")
        if settled(target) in given:
            raise RequestError(f"{target} is one of the images. Choose another place with --out.")
    there = [target for target in targets if target.exists()]
    if there and not settings.overwrite:
        raise OutputError(f"{there[0]} exists already ({len(there)} such). Choose another place with --out, or allow "
                          "it with --overwrite.")
    return targets


def _convert(original: Original, target: Path, settings: ConversionSettings) -> None:
    from morula.pyramids.pyramidal_tiff import write_pyramidal_tiff
    from morula.pyramids.zarr_images import write_ome_zarr

    image = original.opened(settings)
    if ending(target) != ZARR:
        return write_pyramidal_tiff(target, image, masks=settings.masks)
    if target.exists() and not (target / ".zattrs").exists() and not (target / "zarr.json").exists():
        raise OutputError(f"{target} is no OME-Zarr, and is not written over. Choose another place with --out.")
    with whole_folder(target) as temporary:
        write_ome_zarr(temporary, image, settings.ome_zarr, shards=settings.shards, masks=settings.masks)
