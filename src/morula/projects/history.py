"""The way back to what was drawn earlier: copies of frames, put aside before anything but a stroke changes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from morula.images.read import open_image
from morula.images.write import write_mask
from morula.projects.project import NotThere, Project, Source

KEPT = 20
"""Copies of a frame, at most; the oldest go."""


@dataclass(frozen=True)
class Version:
    """A copy of the annotation of a frame.

    Attributes:
        version: its name.
        when: it was made, as ISO 8601.
    """

    version: str
    when: str


class History:
    """The copies of a project's annotations."""

    def __init__(self, project: Project):
        self._folder = project.hidden / "history"

    def keep(self, source: Source, frame: int, numbers: np.ndarray) -> None:
        """Put a copy of what is annotated in a frame aside, `(*space)`.

        Raises:
            OutputError: it cannot be written.
        """
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        write_mask(self._of(source, frame) / f"{now}.tif", [np.ascontiguousarray(numbers)], pixel_size=None)
        for old in sorted(self._of(source, frame).glob("[!.]*.tif"))[:-KEPT]:
            old.unlink(missing_ok=True)

    def versions(self, source: Source, frame: int) -> list[Version]:
        """The copies of a frame, the newest first."""
        names = sorted((path.stem for path in self._of(source, frame).glob("[!.]*.tif")), reverse=True)
        return [Version(name, datetime.strptime(name, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC).isoformat())
                for name in names if _is_version(name)]

    def read(self, source: Source, frame: int, version: str) -> np.ndarray:
        """A copy, `(*space)`.

        Raises:
            NotThere: there is none of this name.
        """
        path = self._of(source, frame) / f"{version}.tif"
        if not _is_version(version) or not path.is_file():
            raise NotThere("There is no such earlier version.")
        return open_image(path).frame()[0]

    def _of(self, source: Source, frame: int) -> Path:
        return self._folder / source.id / str(frame)


def _is_version(name: str) -> bool:
    return re.fullmatch(r"\d{8}T\d{12}", name) is not None
