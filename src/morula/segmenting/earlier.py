"""What earlier runs left in the folder of masks: what is done, what is in the way, what stays in the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from morula.errors import OutputError, RequestError
from morula.files import settled
from morula.headers.zarr_groups import files_of, is_group
from morula.images.write import mask_name
from morula.models.model import Model
from morula.models.segment_settings import SegmentSettings
from morula.names.endings import called, file_of
from morula.names.lights import Joined
from morula.remote_paths import RemotePath
from morula.segmenting.doubt import doubt_path
from morula.segmenting.frames import TABLE, SegmentedFrame, read_begun, source_of
from morula.urls import is_url
from morula.whereabouts import can_be_written, is_elsewhere


@dataclass(frozen=True)
class Earlier:
    """What is there already when images are to be segmented.

    Attributes:
        masks: where the mask of each image goes.
        done: the rows of images whose mask this model made after they were last changed.
        others: the rows of other images, as long as their masks are there.
    """

    masks: dict[Path, Path]
    done: dict[Path, list[SegmentedFrame]]
    others: list[SegmentedFrame]

    @classmethod
    def found(
        cls, files: Sequence[Path], out: Path, model: Model, settings: SegmentSettings, shots: Joined
    ) -> Earlier:
        """Look through a folder of masks.

        Raises:
            RequestError: two images would have the same mask, or masks would lie among the images.
            OutputError: masks of another model are in the way.
        """
        masks = mask_paths(files, out)
        if isinstance(out, RemotePath) and can_be_written(out):
            out.look_anew()
        known = read_begun(out / TABLE)
        current = {image for image, mask in masks.items() if _is_current(image, mask, known, model, shots)}
        strangers = {image: mask for image, mask in masks.items() if image not in current and mask.exists()}
        if strangers and not settings.overwrite:
            raise OutputError(_in_the_way(strangers, known))
        done = {image: known[called(image)] for image, mask in masks.items()
                if image in current and (not settings.doubt or doubt_path(mask).exists())}
        ours = {mask.name for mask in masks.values()}
        others = [row for kept in known.values() for row in kept if row.mask not in ours and (out / row.mask).exists()]
        return cls(masks, done, others)

    @property
    def to_do(self) -> list[Path]:
        """The images that need a mask."""
        return [image for image in self.masks if image not in self.done]


def mask_paths(files: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Where the mask of each image goes.

    Raises:
        RequestError: two images would have the same mask, or masks would lie among the images.
    """
    names = {path: mask_name(path) for path in files}
    images = defaultdict(list)
    for path, name in names.items():
        images[name].append(path)
    folder = out.resolve()
    folders = {parent: parent.resolve() for parent in {path.parent for path in files}}  # a file may be one of 100,000
    originals = {settled(path) if path.is_symlink() else folders[path.parent] / path.name for path in files}
    for name, sources in images.items():
        if len(sources) > 1:
            raise RequestError(f"{' and '.join(map(str, sources))} would both get the mask {name}. "
                               "Segment them into different folders.")
        if folder / name in originals:
            raise RequestError(f"{folder / name} is one of the images. Choose another folder for the masks with --out.")
    return {path: out / name for path, name in names.items()}


def _is_current(
    image: Path, mask: Path, known: dict[str, list[SegmentedFrame]], model: Model, shots: Joined
) -> bool:
    files = shots[image].values() if image in shots else [image]  # a channel may be newer than the others
    made = {row.model for row in known.get(called(image), [])}
    if made != {model.fingerprint} or not mask.exists() or not all(map(_is_there, files)):
        return False
    newest = max(each.stat().st_mtime for file in files for each in files_of(file))
    newest = int(newest) if is_elsewhere(mask) else newest  # places elsewhere know whole seconds
    return not _other_source(image, mask, known) and mask.stat().st_mtime >= newest


def _is_there(image: Path) -> bool:
    return file_of(image).exists() or is_group(image)


def _other_source(image: Path, mask: Path, known: dict[str, list[SegmentedFrame]]) -> str:
    """Where the image of the same name lies that a mask was made of, if that is not this image."""
    told = {row.source for row in known.get(called(image), [])} - {"", source_of(image, mask.parent)}
    return next(iter(told), "")


def _in_the_way(strangers: dict[Path, Path], known: dict[str, list[SegmentedFrame]]) -> str:
    """Which masks lie where others shall go, and what to do."""
    advice = "Choose another --out, or allow it with --overwrite."
    for image, mask in strangers.items():
        if other := _other_source(image, mask, known):
            where = other if is_url(other) or is_elsewhere(mask) else (mask.parent.resolve() / other).resolve()
            return f"{mask} exists already, and is that of {where}, not of {image} ({len(strangers)} such). {advice}"
    mask = next(iter(strangers.values()))
    return f"{mask} exists already, from another model or an older image ({len(strangers)} such). {advice}"
