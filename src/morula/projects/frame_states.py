"""How far each frame is: annotated, segmented, reviewed; and what is to be looked at first.

What people said of frames is kept in notes beside what they drew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from morula.errors import FileError, RequestError
from morula.files import read_json, write_text
from morula.names.series import series_of
from morula.names.told import names_of
from morula.projects.project import Project, Source
from morula.segmenting.flags import OF_A_MOVIE
from morula.segmenting.frames import TABLE, SegmentedFrame, read_frames

KEPT = ("accepted", "corrected")
"""What a person says of a mask that is theirs from then on."""
REJECTED = "rejected"
"""What they say of one that is not to be used."""

Rows = Mapping[str, Sequence[SegmentedFrame]]


class FrameFinished(RequestError):
    """A frame is finished: nothing changes what was drawn in it."""


@dataclass
class Notes:
    """What is known of an annotation beside its pixels.

    Attributes:
        touched: frames on which something was drawn.
        finished: frames of which all is annotated: what nobody touched is background.
        locked: by frame, the numbers of objects that nothing changes.
        reviews: by frame, what a person said of the mask that a model drew: accepted, corrected or rejected.
        highest: the highest number of a class that was drawn.
        written: when the mask file was last written, and how large it was then; None if it was not.
        behind: whether the mask file lacks strokes.
        interpolated: frames whose annotation lies between those of the frames beside them: nobody saw it.
        digest: of the content of the mask file, by which it is known again without its working copy; empty without it.
    """

    touched: set[int] = field(default_factory=set)
    finished: set[int] = field(default_factory=set)
    locked: dict[int, list[int]] = field(default_factory=dict)
    reviews: dict[int, str] = field(default_factory=dict)
    highest: int = 0
    written: tuple[int, int] | None = None
    behind: bool = False
    interpolated: set[int] = field(default_factory=set)
    digest: str = ""

    @classmethod
    def of(cls, project: Project, source: Source) -> Notes:
        """Those of an image; nothing is known where nothing was drawn.

        Raises:
            FileError: they cannot be understood.
        """
        path = about(project, source)
        if not path.is_file():
            return cls()
        try:
            known = read_json(path)
            return cls(set(known["touched"]), set(known["finished"]),
                       {int(frame): numbers for frame, numbers in known.get("locked", {}).items()},
                       {int(frame): said for frame, said in known["reviews"].items()},
                       known["highest"], tuple(known["written"]) if known["written"] else None, known["behind"],
                       set(known.get("interpolated", ())), known.get("digest", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FileError(f"{path} says which parts of {source.name} are finished, and cannot be understood. "
                            "Move it away and say that again; what was drawn is in masks.") from error

    def state(self, frame: int) -> str:
        """How much of a frame is annotated: no, partly or finished."""
        if frame in self.finished:
            return "finished"
        return "partly" if frame in self.touched else "no"

    def forget(self, frame: int) -> None:
        """Nothing is known of a frame any more."""
        for frames in (self.touched, self.finished, self.interpolated):
            frames.discard(frame)
        self.locked.pop(frame, None)
        self.reviews.pop(frame, None)

    def take_over(self, said: Notes, frames: int) -> None:
        """What people said of frames whose annotation is there again; what was interpolated is not in a mask file.

        Args:
            said: the notes on the same mask.
            frames: how many there are.
        """
        seen = set(range(frames)) - said.interpolated
        self.finished = said.finished & seen
        self.locked = {frame: objects for frame, objects in said.locked.items() if frame in seen}
        self.reviews = {frame: review for frame, review in said.reviews.items() if frame in seen}

    def write(self, path: Path) -> None:
        """To a file, whole or not at all."""
        write_text(path, json.dumps({**asdict(self), "touched": sorted(self.touched),
                                     "finished": sorted(self.finished),
                                     "interpolated": sorted(self.interpolated)}))


def about(project: Project, source: Source) -> Path:
    """Where the notes on an annotation are kept."""
    return _folder(project) / f"{source.id}.json"


def _folder(project: Project) -> Path:
    return project.hidden / "annotations"


def noted_images(project: Project) -> set[str]:
    """The ids of the images on whose annotations there are notes."""
    return {path.stem for path in _folder(project).glob("*")}


def noted_files(project: Project) -> list[Path]:
    """The files with notes on annotations."""
    return sorted(path for path in _folder(project).glob("*.json") if re.fullmatch("[0-9a-f]{12}", path.stem))


@dataclass(frozen=True)
class FrameState:
    """How far a frame is.

    Attributes:
        annotated: no, partly or finished.
        predicted: whether a model drew a mask of it.
        review: what a person said of that mask: accepted, corrected or rejected; None before.
        expected: how good that mask probably is, as IoU; None where nobody knows.
        low: the lower end of the interval in which the true IoU lies nine times of ten.
        high: the upper end.
        classes: `iou`, `low` and `high` of each of several classes, by its name.
        flags: what is unusual, in words.
        locked: the numbers of objects that nothing changes.
        interpolated: whether its annotation lies between those of the frames beside it.
    """

    annotated: str = "no"
    predicted: bool = False
    review: str | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    classes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    locked: tuple[int, ...] = ()
    interpolated: bool = False

    @property
    def jumps(self) -> bool:
        """Whether the mask that a model drew jumps against those beside it, and nobody has looked at it."""
        return not self.review and self.annotated != "finished" and not set(OF_A_MOVIE).isdisjoint(self.flags)

    @property
    def doubt(self) -> tuple[int, float]:
        """The higher, the more it is worth a look: flags first, then what is expected to be worst."""
        return len(self.flags), -(self.expected if self.expected is not None else 1.0)

    @property
    def reason(self) -> str:
        """Why to look at it."""
        if self.flags:
            return "; ".join(self.flags)
        return "nothing unusual" if self.expected is None else f"expected IoU {self.expected:.2f}"


def rows_of(project: Project) -> Rows:
    """What `frames.csv` says, by the names of images."""
    return read_frames(project.predicted / TABLE)


def frame_states(source: Source, frames: int, notes: Notes, rows: Rows) -> list[FrameState]:
    """How far each frame of an image is."""
    drawn = {row.frame: row for row in rows.get(source.name, ())}
    return [_state(frame, notes, drawn.get(frame)) for frame in range(frames)]


def queue(states: Mapping[Source, Sequence[FrameState]]) -> list[dict[str, object]]:
    """The frames that nobody has reviewed, least certain first."""
    waiting = [(source, frame, state) for source, each in states.items() for frame, state in enumerate(each)
               if state.predicted and not state.review and state.annotated != "finished"]
    waiting.sort(key=lambda entry: entry[2].doubt, reverse=True)
    return [{"id": source.id, "t": frame, "reason": state.reason,
             **{name: asdict(state)[name] for name in ("expected", "low", "high", "flags")}}
            for source, frame, state in waiting]


def beside(project: Project, source: Source, frame: int, frames: int) -> tuple[tuple[Source, int], ...]:
    """The frames before and after one in its movie: in the same file, or in those that names say are of one thing.

    Args:
        project: of the image.
        source: the image.
        frame: of it.
        frames: how many it has.

    Returns:
        both, or as many as there are.
    """
    if frames > 1:
        return tuple((source, other) for other in (frame - 1, frame + 1) if 0 <= other < frames)
    sources = {each.path: each for each in project.sources()}
    for movie in series_of(names_of(sources, project.settings.names)):
        if source.path in movie.files:
            at, count = movie.files.index(source.path), len(movie.files)
            return tuple((sources[movie.files[other]], 0) for other in (at - 1, at + 1) if 0 <= other < count)
    return ()


def _state(frame: int, notes: Notes, row: SegmentedFrame | None) -> FrameState:
    mean = row.expected.mean if row and row.expected else None
    return FrameState(
        annotated=notes.state(frame),
        predicted=row is not None,
        review=notes.reviews.get(frame),
        expected=mean.iou if mean else None,
        low=mean.low if mean else None,
        high=mean.high if mean else None,
        classes={name: vars(each) for name, each in row.expected.classes.items()} if row and row.expected else {},
        flags=row.flags if row else (),
        locked=tuple(notes.locked.get(frame, ())),
        interpolated=frame in notes.interpolated,
    )
