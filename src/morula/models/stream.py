"""Files through a model: one mask a picture, going on after a bad file and where an earlier run stopped."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any, TypeVar

from morula.errors import FileError, ModelError, MorulaError, OutputError, RequestError
from morula.files import whole_file
from morula.images.channels import choose_channels, match_channels
from morula.images.image import Image
from morula.images.read import open_image, without_alpha
from morula.images.write import mask_name, write_mask_of
from morula.measures.intervals import write_calibration
from morula.models.doubt import DOUBT, doubt_path, write_with_doubt
from morula.models.model import Model
from morula.models.pipeline import ahead
from morula.models.plan import Plan
from morula.models.settings import ReadingSettings, SegmentSettings
from morula.progress import Progress, silent

TABLE = "frames.csv"
Made = TypeVar("Made")
"""What is made of a frame: a mask, or a mask and its doubt."""


@dataclass(frozen=True)
class SegmentedFrame:
    """A row of `frames.csv`.

    Attributes:
        file: the image's file name.
        frame: the number of the moment in time, from 0.
        mask: the mask's file name.
        model: the fingerprint of the model that made it.
    """

    file: str
    frame: int
    mask: str
    model: str


COLUMNS = [column.name for column in fields(SegmentedFrame)]


@dataclass(frozen=True)
class Segmented:
    """What became of a set of images.

    Attributes:
        out: the folder with the masks and `frames.csv`.
        frames: one row for each frame that has a mask.
        written: how many files were segmented.
        skipped: how many had their mask already.
        failed: what went wrong, by file.
        notes: how channels were understood where they were not just those of the model, each said once.
    """

    out: Path
    frames: tuple[SegmentedFrame, ...]
    written: int
    skipped: int
    failed: dict[Path, str]
    notes: tuple[str, ...] = ()


def segment_files(
    model: Model, files: Sequence[Path], out: Path, settings: SegmentSettings, progress: Progress = silent
) -> Segmented:
    """Write `out/STEM.tif` with class numbers for every image file, and a table of all frames.

    The mask of a NIfTI file is `out/STEM.nii.gz`, and lies on it voxel by voxel. A mask that this model made after
    its image was last changed is left as it is, so that a stopped run goes on. The table keeps what earlier runs
    wrote into it of other images, as long as their masks are there. Doubt, where it is asked for, has the name of its
    mask in the folder `out/doubt`.

    Raises:
        RequestError: two images would have the same mask, or masks would lie among the images.
        OutputError: masks of another model are in the way, or the folder cannot be written to.
    """
    masks = _mask_paths(files, out)
    known = _read_table(out / TABLE)
    current = {image for image, mask in masks.items() if _is_current(image, mask, known, model)}
    strangers = [mask for image, mask in masks.items() if image not in current and mask.exists()]
    if strangers and not settings.overwrite:
        raise OutputError(f"{strangers[0]} exists already, from another model or an older image "
                          f"({len(strangers)} such). Choose another --out, or allow it with --overwrite.")
    done = {image for image in current if not settings.doubt or doubt_path(masks[image]).exists()}
    rows: dict[Path, list[SegmentedFrame]] = {image: known[image.name] for image in done}
    failed: dict[Path, str] = {}
    notes: dict[str, str] = {}
    ours = {mask.name for mask in masks.values()}
    others = [row for kept in known.values() for row in kept if row.mask not in ours and (out / row.mask).exists()]
    _write_table(out / TABLE, [*others, *(row for image in done for row in rows[image])])
    places = {path: number for number, path in enumerate(masks)}
    if settings.doubt:
        write_calibration(out / DOUBT, model.calibration)
    outline, write = _ways(model, settings)
    waiting = [path for path in masks if path not in done]
    segmented = ahead(partial(_outlined, outline), _frames(model, waiting, settings))
    for path, of_file in groupby(segmented, key=lambda pair: pair[0].path):
        made = iter(of_file)
        first, _ = pair = next(made)
        if first.image is None:
            failed[path] = first.error
            continue
        image, mask = first.image, masks[path]
        frames = [SegmentedFrame(path.name, frame, mask.name, model.fingerprint) for frame in range(image.frames)]
        try:
            # The rows come first: whatever stops the work, a mask that lies there is in the table.
            mask.unlink(missing_ok=True)
            doubt_path(mask).unlink(missing_ok=True)
            _add_to_table(out / TABLE, frames)
            tell = partial(progress, places[path], len(masks))
            write(image, mask, _finished(chain([pair], made), image.frames, tell))
        except (FileError, ModelError) as error:
            failed[path] = str(error)
            continue
        rows[path] = frames
        if first.note:
            notes.setdefault(first.note, f"{path.name}: {first.note}")
    table = [row for path in masks for row in rows.get(path, [])]
    _write_table(out / TABLE, [*others, *table])
    progress(len(masks), len(masks), "done")
    return Segmented(out, tuple(table), len(rows) - len(done), len(done), failed, tuple(notes.values()))


def _ways(
    model: Model, settings: SegmentSettings
) -> tuple[Callable[[Image, int], Any], Callable[[Image, Path, Iterable[Any]], None]]:
    """How a frame is outlined, and how what comes of it is written."""
    return (model.mask_and_doubt, write_with_doubt) if settings.doubt else (model.mask, write_mask_of)


@dataclass(frozen=True)
class _Frame:
    """One frame on its way through the network; a file that could not be opened is one without an image.

    Attributes:
        path: its file.
        image: all of the file, with the channels that the network wants; None where an error says what is wrong.
        number: which frame it is.
        note: how channels were understood.
        error: why there is no image.
    """

    path: Path
    image: Image | None = None
    number: int = 0
    note: str = ""
    error: str = ""


def _frames(model: Model, paths: Sequence[Path], settings: ReadingSettings) -> Iterator[_Frame]:
    """All frames of all files."""
    for path in paths:
        try:
            image = open_for(model.plan, path, settings)
            match = match_channels(image.channels, model.plan.channels)
            image = model.fitted(image)
        except (FileError, ModelError) as error:
            yield _Frame(path, error=str(error))
            continue
        for number in range(image.frames):
            yield _Frame(path, image, number, match.sentence if match else "")


def _outlined(outline: Callable[[Image, int], Made], frame: _Frame) -> Made | MorulaError | None:
    """What is made of a frame, or what was wrong with its file: other files go on."""
    try:
        return None if frame.image is None else outline(frame.image, frame.number)
    except (FileError, ModelError) as error:
        return error


def _finished(
    made: Iterable[tuple[_Frame, Made | MorulaError | None]], frames: int, tell: Callable[[str], None]
) -> Iterator[Made]:
    """What was made of the frames of a file, one after the other."""
    for frame, outlined in made:
        tell(frame.path.name + (f", frame {frame.number + 1:,} of {frames:,}" if frames > 1 else ""))
        if isinstance(outlined, MorulaError):
            raise outlined
        assert outlined is not None  # since the file could be opened
        yield outlined


def open_for(plan: Plan, path: Path, settings: ReadingSettings) -> Image:
    """The image in a file; channels that were picked for those of the plan take their names.

    Raises:
        FileError: it cannot be read or understood.
        ModelError: other channels were picked than the plan has.
    """
    image = open_image(path, axes=settings.axes, pixel_size=settings.pixel_size, channels=settings.channels)
    if not settings.use_channels:
        return without_alpha(image)
    picked, known = choose_channels(image, settings.use_channels), plan.channels
    if len(picked.channels) != len(known):
        raise ModelError(f"{path}: --use-channels picks {', '.join(picked.channels)}, and the model expects "
                         f"{', '.join(known)}. Pick one for each.")
    return picked.take_channels(range(len(known)), known)


def _mask_paths(files: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Where the mask of each image goes."""
    images = defaultdict(list)
    for path in files:
        images[(out / mask_name(path)).resolve()].append(path)
    for target, sources in images.items():
        if len(sources) > 1:
            raise RequestError(f"{' and '.join(map(str, sources))} would both get the mask {target.name}. "
                               "Segment them into different folders.")
        if target in {path.resolve() for path in files}:
            raise RequestError(f"{target} is one of the images. Choose another folder for the masks with --out.")
    return {path: out / mask_name(path) for path in files}


def _is_current(image: Path, mask: Path, known: dict[str, list[SegmentedFrame]], model: Model) -> bool:
    made = {row.model for row in known.get(image.name, [])}
    return (made == {model.fingerprint} and mask.exists() and image.exists()
            and mask.stat().st_mtime >= image.stat().st_mtime)


def _read_table(path: Path) -> dict[str, list[SegmentedFrame]]:
    """The rows of an earlier run by image file; none if there was no run, or its table is not ours."""
    rows = defaultdict(list)
    if path.is_file():
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if set(COLUMNS) <= set(row) and (row["frame"] or "").isdecimal():
                    rows[row["file"]].append(SegmentedFrame(row["file"], int(row["frame"]), row["mask"], row["model"]))
    return rows


def _write_table(path: Path, rows: Sequence[SegmentedFrame]) -> None:
    with whole_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def _add_to_table(path: Path, rows: Sequence[SegmentedFrame]) -> None:
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.DictWriter(file, COLUMNS).writerows(asdict(row) for row in rows)
