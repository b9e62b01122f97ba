"""All that the server holds of the project it serves, and what it does by itself: jobs begin, pages are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from threading import Event, Thread
from typing import Any

from morula.errors import MorulaError
from morula.jobs.job_queue import Job, Jobs, Kind
from morula.previews.first_masks import Previews
from morula.projects.changes import Changes
from morula.projects.frame_states import FrameState, Notes, frame_states, rows_of
from morula.projects.history import History
from morula.projects.image_facts import ImageFacts, KnownImages
from morula.projects.open_annotations import OpenAnnotations
from morula.projects.project import Project, Source
from morula.studio.announcements import Announcements
from morula.studio.pyramid import Pyramid

GLANCE = 0.25
"""Seconds between two looks at how far jobs are."""


class Workbench:
    """A project that is worked on.

    Attributes:
        project: the folder.
        pyramid: parts of its images.
        images: the facts about them.
        annotations: what was drawn.
        history: what was drawn earlier.
        changes: what changed frames at once.
        jobs: work that takes long.
        announcements: what pages are told.
        previews: first masks of frames that were not segmented.
    """

    def __init__(self, project: Project):
        self.project = project
        self.pyramid = Pyramid()
        self.images = KnownImages(project)
        self.annotations = OpenAnnotations(project, self._tell_taken)
        self.history = History(project)
        self.changes = Changes(project)
        self.jobs = Jobs(project.hidden / "jobs", project.folder)
        self.announcements = Announcements()
        self.previews = Previews(project, self.annotations, self._tell_preview)
        self._over = Event()
        Thread(target=self._look, daemon=True).start()
        self._watcher = Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """Write what was drawn, and let pages go. Jobs go on."""
        self._over.set()
        self._watcher.join()
        self.previews.close()
        self.announcements.close()
        self.annotations.close()

    def states(self, sources: Sequence[Source]) -> list[tuple[ImageFacts, list[FrameState]]]:
        """The facts about images, and how far their frames are; an image that cannot be shown has none."""
        rows, known = rows_of(self.project), self.annotations.known(sources)
        found = []
        for source, facts in zip(sources, self.images.all(list(sources)), strict=True):
            states: list[FrameState] = []
            if not facts.problem:
                try:
                    notes = self.annotations.notes(source) if source.id in known else Notes()
                    states = frame_states(source, facts.frames, notes, rows)
                except MorulaError as error:
                    facts = ImageFacts(facts.name, problem=str(error))
            found.append((facts, states))
        return found

    def state(self, source: Source, frame: int) -> FrameState:
        """How far one frame is."""
        return self.states([source])[0][1][frame]

    def start(self, kind: Kind, asked: dict[str, Any]) -> Job:
        """Let a job wait for its turn; what was drawn is in the mask files before.

        Raises:
            OutputError: a mask file cannot be written.
        """
        self.annotations.write_all()
        job = self.jobs.add(kind, asked)
        self.announcements.tell("job", asdict(job))
        return job

    def tell_state(self, source: Source, frame: int) -> FrameState:
        """Tell pages how far a frame is now."""
        state = self.state(source, frame)
        self.announcements.tell("state", {"id": source.id, "t": frame, "state": asdict(state)})
        return state

    def tell_labels(self, source: Source, frame: int, revision: int, **known: Any) -> None:
        """Tell pages that labels have changed: those of a whole frame, where nothing else is known."""
        whole = {"z": None, "box": None, "tab": ""}
        self.announcements.tell("labels", {"id": source.id, "t": frame, "revision": revision, **whole, **known})

    def _tell_taken(self, source: Source, frames: Sequence[int]) -> None:
        for frame in frames:
            self.tell_labels(source, frame, 0)
            self.tell_state(source, frame)
        name = self.project.mask(source).name
        self.announcements.tell("news", {"words": f"Another program has changed {name}. It is shown as it is now; what "
                                                  "was drawn here before is under Earlier annotations."})

    def _tell_preview(self, told: dict[str, object]) -> None:
        self.announcements.tell("preview", told)

    def _look(self) -> None:
        """Get to know the images while the browser is still opening."""
        self.images.all(self.project.sources())

    def _watch(self) -> None:
        last: Job | None = None
        trouble = ""
        while not self._over.wait(GLANCE):
            if trouble != self.annotations.trouble:
                trouble = self.annotations.trouble
                self.announcements.tell("trouble", {"words": trouble})
            job = self._glance()
            if job and job != last:
                self.announcements.tell("job", asdict(job))
                if last and last.id == job.id and last.is_open and not job.is_open:
                    self.announcements.tell("project", {})
            last = job

    def _glance(self) -> Job | None:
        try:
            self.jobs.step()
            return self.jobs.current()
        except (OSError, ValueError):  # its file is being replaced
            return None
