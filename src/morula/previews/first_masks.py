"""First masks of frames that nobody has segmented: by the newest network, or by strokes until one does better."""

from __future__ import annotations

import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import numpy as np

from morula.errors import ModelError, MorulaError, RequestError
from morula.previews.contest import Contest
from morula.previews.latest import Latest
from morula.previews.newest_model import NewestModel
from morula.previews.sketching import Place, Sketching, is_large, keep
from morula.projects.file_marks import mark
from morula.projects.models_made import ModelMade
from morula.projects.open_annotations import OpenAnnotations
from morula.projects.project import Project, Source

KEPT = 32
"""Previews that are kept."""


@dataclass(frozen=True)
class Preview:
    """What is there of the first mask of a frame.

    Attributes:
        revision: a number that no other has, and all later ones are higher; 0 before anybody tried.
        words: who drew it, or what is missing for one; empty where nobody was asked.
        mask: class or object numbers `(*space)`, if there are any.
        by_network: whether a network drew it.
        newest: the newest model when it was made.
        file: what changes with the image file, see `mark`.
    """

    revision: int = 0
    words: str = ""
    mask: np.ndarray | None = None
    by_network: bool = False
    newest: ModelMade | None = None
    file: tuple[int, int] | None = None

    def told(self, source: Source, frame: int) -> dict[str, object]:
        """What a page is told of it."""
        return {"id": source.id, "t": frame, "revision": self.revision, "there": self.mask is not None,
                "words": self.words}


NOTHING = Preview()


class Previews:
    """Masks in memory of frames that no file has a model's mask of. Whoever wants to know is told when one is there."""

    def __init__(self, project: Project, annotations: OpenAnnotations, tell: Callable[[dict[str, object]], None]):
        """
        Args:
            project: the folder.
            annotations: what was drawn.
            tell: told of each mask that was made, or why there is none.
        """
        self._project, self._tell = project, tell
        self._sketching, self._newest = Sketching(project, annotations), NewestModel(project)
        self._contest = Contest(project, annotations, self._sketching)
        self._kept: OrderedDict[Place, Preview] = OrderedDict()
        self._outdated: set[Place] = set()
        self._revisions = count(time.time_ns() // 1_000_000)  # pages may know those of a server before this one
        self._latest: Latest[Place] = Latest(self._draw, self._get_ready)

    def of(self, source: Source, frame: int) -> Preview:
        """What is there of a frame; if that is nothing, or outdated, it is drawn next."""
        if self._project.prediction(source):
            return NOTHING
        place = source, frame
        kept, newest = self._kept.get(place, NOTHING), self._newest.made
        outdated = place in self._outdated or (kept.newest, kept.file) != (newest, mark(source.file))
        if outdated and (newest or self._sketching.can_tell(place)):
            self._latest.ask(place)
        return kept

    def mask(self, source: Source, frame: int) -> np.ndarray | None:
        """The first mask of a frame `(*space)`, if there is one."""
        kept = self._kept.get((source, frame))
        return kept.mask if kept and kept.file == mark(source.file) else None

    def drew(self, source: Source, frame: int) -> None:
        """A stroke was made: what was learned from strokes is learned again."""
        self._sketching.drew((source, frame))
        if self._project.settings.objects or self._project.prediction(source):
            return
        newest, kept = self._newest.made, self._kept.get((source, frame), NOTHING)
        if not (newest and kept.by_network and kept.newest == newest and self._contest.is_lost(newest)):
            self._outdated.add((source, frame))
            self._latest.ask((source, frame))

    def forget(self) -> None:
        """What numbers or lengths mean has changed: all is drawn anew."""
        self._kept.clear()

    def close(self) -> None:
        """Draw no more."""
        self._latest.close()

    def _get_ready(self) -> None:
        """Load what takes seconds, which whoever looks at the first frame should not wait for."""
        if newest := self._newest.made:
            with suppress(Exception):  # what is wrong is said when a frame asks for it
                self._newest.load(newest)
        else:
            import sklearn.ensemble  # noqa: F401

    def _draw(self, place: Place) -> None:
        source, frame = place
        self._outdated.discard(place)
        newest, file = self._newest.made, mark(source.file)
        mask, by_network = None, False
        try:
            mask, words, by_network = self._answer(place, newest)
        except MorulaError as error:
            words = f"No first mask yet. {error}"
        except Exception as error:  # the thread must live on
            traceback.print_exc()
            words = f"No first mask: a fault in Morula, not in your data ({type(error).__name__}: {error})."
        preview = Preview(next(self._revisions), words, mask, by_network, newest, file)
        keep(self._kept, place, preview, KEPT)
        self._tell(preview.told(source, frame))

    def _answer(self, place: Place, newest: ModelMade | None) -> tuple[np.ndarray, str, bool]:
        """A mask, who drew it, and whether that was a network."""
        if is_large(self._project, place[0]):
            raise RequestError("This image is too large for a mask at once. Train a model, then choose Segment all.")
        strokes = "Dashed: a first mask from your strokes"
        if newest is None:
            return self._sketching.mask(place), f"{strokes}. A trained model does better.", False
        try:
            if self._sketching.can_tell(place) and self._contest.strokes_win(newest):
                return self._sketching.mask(place), f"{strokes}, so far better than {newest.name}.", False
            return self._newest.mask(newest, *place), f"Dashed: mask by {_presented(newest)}.", True
        except ModelError:
            if not self._sketching.can_tell(place):
                raise
            return self._sketching.mask(place), f"{strokes}. {newest.name} cannot draw here.", False


def _presented(made: ModelMade) -> str:
    return made.name + ("" if made.validation_iou is None else f" (validation IoU {made.validation_iou:.2f})")
