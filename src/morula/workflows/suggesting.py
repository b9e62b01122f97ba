"""Which images to annotate next."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.cards import Card, Shown
from morula.errors import OutputError, RequestError
from morula.files import whole_file, write_text
from morula.images.image import Image
from morula.images.read import find_files
from morula.names.endings import SCENE_ENDINGS, ZARR, called, ending, stem, told_apart
from morula.names.lights import Joined
from morula.objects.tables import ensure_table, open_table
from morula.pairs.folders import Files
from morula.plurals import many
from morula.progress import Part, Progress, silent
from morula.settings import with_fields

if TYPE_CHECKING:
    from morula.judging.suggestions import Candidate, Suggestion
    from morula.models.model import Model
    from morula.models.segment_settings import SuggestSettings
    from morula.segmenting.incoming import Incoming

COLUMNS = {"file": str, "frame": int, "certainty": float, "reason": str}
_WHOLE = SCENE_ENDINGS | {ZARR}
"""Endings of what may hold many images, of which a copy would be one of all."""


@dataclass(frozen=True, repr=False)
class Suggested(Shown):
    """What to annotate next.

    Attributes:
        frames: the most useful first.
        of: how many frames there were to choose from.
        annotated: how many more are annotated already.
        failed: what could not be read, by file.
        copies: where the images were copied to, in the order of `frames`.
    """

    frames: tuple[Suggestion, ...]
    of: int
    annotated: int
    failed: dict[Path, str]
    copies: tuple[Path, ...] = ()

    @property
    def card(self) -> Card:
        known = f", {self.annotated} more are annotated already" if self.annotated else ""
        chosen = ((f"{each.path.name}, frame {each.frame}", each.reason) for each in self.frames)
        return Card(f"{len(self.frames)} of {many(self.of, 'frame')} suggested{known}",
                    [*chosen, *(("failed", said) for said in self.failed.values())])


def suggest(
    model: str | Path | Model,
    images: Files,
    settings: SuggestSettings | None = None,
    *,
    copy: str | Path | None = None,
    json: str | Path | None = None,
    table: str | Path | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Suggested:
    """Choose the images most worth annotating next: those like many others, and like none that is annotated.

    Args:
        model: a model, or its file.
        images: a folder, a file (a stack is many frames), a glob, or a list of these.
        settings: how many, and how images are read.
        copy: a folder for copies of the chosen images; of a file of several frames, the chosen ones alone.
        json: where to write the list as JSON.
        table: where to write it as .csv or .parquet.
        progress: called with files done, files in all, and words.
        fields: single values of `SuggestSettings`, over those of `settings`.

    Raises:
        ModelError: the model file cannot be used.
        RequestError: there are no images, or all are annotated or cannot be read.
        OutputError: something cannot be written, or copies would take the place of other files.
    """
    from morula.judging.suggestions import choose
    from morula.models.model import Model
    from morula.models.segment_settings import SuggestSettings
    from morula.segmenting.incoming import shots_for, zoomed

    (settings,) = with_fields(fields, settings or SuggestSettings())
    if table is not None:
        ensure_table(Path(table))
    files = find_files(images)
    model = replace(model if isinstance(model, Model) else Model.load(model), flips=False)
    files, shots = shots_for(model.plan, files)
    model = zoomed(model, files, settings, shots)
    candidates, annotated, failed = _look_at_all(model, files, shots, settings, progress)
    if not candidates:
        why = next(iter(failed.values()), "Give images that nobody annotated yet.")
        raise RequestError(f"There is no image left to suggest: {many(annotated, 'frame')} annotated already, "
                           f"{many(len(failed), 'file')} of no use. {why}")
    chosen = tuple(choose(candidates, model.memory, settings.count))
    names = told_apart(files)
    rows = [{**asdict(each), "file": names[each.path]} for each in chosen]
    if json is not None:
        write_text(Path(json), dumps([{name: row[name] for name in COLUMNS} for row in rows], indent=2) + "\n")
    if table is not None:
        with open_table(Path(table), COLUMNS) as write:
            write([{name: row[name] for name in COLUMNS} for row in rows])
    copies = tuple(_copies(chosen, shots, Path(copy), settings)) if copy is not None else ()
    return Suggested(chosen, len(candidates), annotated, failed, copies)


def _look_at_all(
    model: Model, files: Sequence[Path], shots: Joined, settings: SuggestSettings, progress: Progress
) -> tuple[list[Candidate], int, dict[Path, str]]:
    """The frames to choose from, each picture once; how many are annotated; and what went wrong, by file."""
    from morula.segmenting.how_far import HowFar
    from morula.segmenting.incoming import Refused, work_through

    far = HowFar(progress, files, lambda frame: f"looking at {called(frame.path)}")
    candidates: list[Candidate] = []
    annotated, failed, seen = 0, {}, set()
    for frame, made in work_through(model, files, settings, _look_at, failed, shots, watch=far.watch):
        far.came(frame)
        if isinstance(made, Refused):
            failed[frame.path] = made.error
            continue
        digest, candidate = made
        annotated += candidate is None
        if candidate and digest not in seen:
            candidates.append(candidate)
        seen.add(digest)
    return candidates, annotated, failed


def _look_at(model: Model, frame: Incoming, on_part: Part) -> tuple[bytes, Candidate | None]:
    """What tells the pixels of a frame from others, and what a model makes of it; None where it is annotated."""
    from morula.judging.suggestions import Candidate
    from morula.trust.memory import frame_digest

    digest = frame_digest(frame.image, frame.number)
    if model.memory and model.memory.knows(digest):
        return digest, None
    return digest, Candidate.of(model, frame.path, frame.image, frame.number, on_part)


def _copies(
    chosen: Sequence[Suggestion], shots: Joined, folder: Path, settings: SuggestSettings
) -> Iterator[Path]:
    """Copy the images there, each under its own name; single frames of a file with their number.

    Where channels lie in files of their own, all are copied.
    """
    from morula.images.read import open_image
    from morula.images.write import write_stack

    chosen = [replace(each, path=path) for each in chosen
              for path in shots.get(each.path, {"": each.path}).values()]
    sources = [(each, open_image(each.path, axes=settings.axes, pixel_size=settings.pixel_size,
                                 channels=None if shots else settings.channels)) for each in chosen]
    targets = [folder / _copy_name(each, image) for each, image in sources]
    taken: dict[Path, Path] = {}
    for (each, _), target in zip(sources, targets, strict=True):
        if target.exists():
            raise OutputError(f"{target} would be written over. Choose another folder with --copy.")
        if taken.setdefault(target, each.path) != each.path:
            raise OutputError(f"{taken[target]} and {each.path} would both be copied to {target.name}. Ask for the "
                              "images of each folder by themselves.")
    for (each, image), target in zip(sources, targets, strict=True):
        if image.frames > 1 or ending(each.path) in _WHOLE:
            write_stack(target, _one_frame(image, each.frame))
        else:
            with whole_file(target, option="--copy") as temporary:
                shutil.copy(each.path, temporary)
        yield target


def _copy_name(chosen: Suggestion, image: Image) -> str:
    if image.frames > 1:
        return f"{stem(chosen.path)}_t{chosen.frame:03d}.tif"
    return f"{stem(chosen.path)}.tif" if ending(chosen.path) in _WHOLE else chosen.path.name


def _one_frame(image: Image, frame: int) -> Image:
    return Image.from_array(image.frame(frame), "C" + image.axes[2:], name=image.name, pixel_size=image.pixel_size,
                            channels=image.channels)
