"""How far each frame is: annotated, segmented, reviewed; and what is to be looked at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from morula.names.series import series_of
from morula.names.told import names_of
from morula.projects.annotation import Notes
from morula.projects.project import Project, Source
from morula.segmenting.flags import OF_A_MOVIE
from morula.segmenting.frames import TABLE, SegmentedFrame, read_frames

Rows = Mapping[str, Sequence[SegmentedFrame]]


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
        flags: what is unusual, in words.
        interpolated: whether its annotation lies between those of the frames beside it.
    """

    annotated: str = "no"
    predicted: bool = False
    review: str | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    flags: tuple[str, ...] = ()
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
    drawn = {row.frame: row for row in rows.get(source.path.name, ())}
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
        flags=row.flags if row else (),
        interpolated=frame in notes.interpolated,
    )
