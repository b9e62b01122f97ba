"""The frame that a person looks at, noted for work in another process, and what such work shows of it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Protocol

import numpy as np

from morula.files import read_json, write_text
from morula.images.image import Image
from morula.projects.frame_states import Notes
from morula.projects.project import NotThere, Project, Source


class Showing(Protocol):
    """Where what was seen goes."""

    def show(self, image: np.ndarray, mask: np.ndarray, name: str, frame: int, step: int) -> None: ...


def note_on_screen(project: Project, source: Source, frame: int) -> None:
    """Say which frame is looked at."""
    write_text(project.hidden / "on screen.json", json.dumps({"id": source.id, "frame": frame}))


def on_screen(project: Project) -> tuple[Source, int] | None:
    """The frame that is looked at; where nobody knows, the first that is not finished; None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError, NotThere):
        noted = read_json(project.hidden / "on screen.json")
        return project.source(noted["id"]), noted["frame"]
    for source in project.sources():
        finished = Notes.of(project, source).finished
        for frame in range(project.image(source).frames):
            if frame not in finished:
                return source, frame
    return None


class Watching:
    """Shows the frame on screen as a network that is still learning would draw it."""

    def __init__(self, project: Project, desk: Showing):
        self._project, self._desk = project, desk
        self._seen: tuple[str, int] = "", 0

    def wanted(self) -> tuple[Image, int] | None:
        """The frame that is looked at now."""
        looked = on_screen(self._project)
        if looked is None:
            return None
        source, frame = looked
        self._seen = source.name, frame
        return self._project.image(source), frame

    def show(self, image: np.ndarray, mask: np.ndarray, step: int) -> None:
        """What was seen of it; whoever wants a picture draws it, since a training has no time for that."""
        self._desk.show(image, mask, *self._seen, step)
