"""What a page must know of an image before it shows it: kept, since a folder may hold thousands."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from threading import Lock

from morula.errors import FileError, MorulaError
from morula.files import read_json, write_text
from morula.projects.project import Project, Source

TOGETHER = 4
"""Files that are opened at once."""
LARGEST = 2**33
"""Numbers of a frame that are worked on, at most: ten times a slide of 20,000 × 20,000."""


@dataclass(frozen=True)
class ImageFacts:
    """What is known of an image.

    Attributes:
        name: of its file.
        frames: moments in time.
        slices: of a volume; 1 for a flat image.
        height: pixels.
        width: pixels.
        channels: their names.
        pixel_size: µm along each axis; None where unknown.
        type: of its numbers.
        problem: why it cannot be shown; None if it can.
    """

    name: str
    frames: int = 1
    slices: int = 1
    height: int = 1
    width: int = 1
    channels: tuple[str, ...] = ()
    pixel_size: tuple[float, ...] | None = None
    type: str = ""
    problem: str | None = None

    @classmethod
    def of(cls, project: Project, source: Source) -> ImageFacts:
        """Open an image and look."""
        try:
            source.name.encode()
        except UnicodeEncodeError:
            name = source.name.encode("utf-8", "replace").decode()
            return cls(name, problem=f"The name of {name} is not written as names are today (UTF-8). Rename it.")
        try:
            image = project.image(source)
            if prod(image.space) * len(image.channels) > LARGEST:
                raise FileError(f"{source.name} is too large to work on: {image.extent}. Cut it into parts.")
        except MorulaError as error:
            return cls(source.name, problem=str(error))
        slices = image.space[0] if len(image.space) == 3 else 1
        height, width = image.space[-2:]
        return cls(source.name, image.frames, slices, height, width, image.channels, image.pixel_size,
                   str(image.dtype))


class KnownImages:
    """The facts about all images of a project; those of files that did not change are remembered on disk."""

    def __init__(self, project: Project):
        self._project, self._path = project, project.hidden / "images.json"
        self._known: dict[str, tuple[list[float], ImageFacts]] = _read(self._path)
        self._lock = Lock()

    def all(self, sources: list[Source]) -> list[ImageFacts]:
        """About some, in their order."""
        with self._lock:  # whoever asks while others look waits for what they find
            return self._all(sources)

    def _all(self, sources: list[Source]) -> list[ImageFacts]:
        marks = [self._mark(source.file) for source in sources]
        new = [source for source, mark in zip(sources, marks, strict=True)
               if self._known.get(source.name, (None,))[0] != mark]
        if new:
            with ThreadPoolExecutor(TOGETHER) as threads:
                found = list(threads.map(lambda source: ImageFacts.of(self._project, source), new))
            at = dict(zip((source.path for source in sources), marks, strict=True))
            self._known |= {source.name: (at[source.path], facts)
                            for source, facts in zip(new, found, strict=True)}
            write_text(self._path, json.dumps({name: [mark, asdict(facts)]
                                               for name, (mark, facts) in self._known.items()}))
        return [self._alone(source, self._known[source.name][1]) for source in sources]

    def _alone(self, source: Source, facts: ImageFacts) -> ImageFacts:
        """The facts, if no other image would have the same mask."""
        clash = self._project.clash(source)
        return ImageFacts(facts.name, problem=clash) if clash else facts

    def _mark(self, path: Path) -> list[float]:
        try:
            stat = path.stat()
        except OSError:
            return []
        return [stat.st_mtime_ns, stat.st_size, self._project.settings.pixel_size or 0]


def _read(path: Path) -> dict[str, tuple[list[float], ImageFacts]]:
    try:
        known = read_json(path)
        return {name: (mark, ImageFacts(**{
            **facts, "channels": tuple(facts["channels"]),
            "pixel_size": tuple(facts["pixel_size"]) if facts["pixel_size"] else None,
        })) for name, (mark, facts) in known.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
