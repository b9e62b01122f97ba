"""The images that really lie in a folder, known until something in it comes or goes."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from stat import S_ISDIR

from morula.files import settled
from morula.images.read import images_of, natural_order
from morula.names.endings import IMAGE_ENDINGS, SCENE_ENDINGS, ZARR, called, ending, plain_stem
from morula.projects.file_marks import mark


class Listing:
    """The images in a folder; links that lead out of it are none of them.

    Attributes:
        folder: the folder.
        scenes: whether those that lie together in an OME-Zarr, or in the file of a microscope, are images, too.
    """

    def __init__(self, folder: Path, *, scenes: bool = False):
        self.folder, self.scenes = folder, scenes
        self._changed = 0
        self._marks: dict[Path, tuple[int, int] | None] = {}  # of what holds scenes
        self._files: tuple[Path, ...] = ()
        self._by_name: dict[str, Path] = {}
        self._by_stem: dict[str, Path] = {}

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, as a person would sort them; none where there is no folder."""
        self._look()
        return self._files

    @property
    def stems(self) -> Collection[str]:
        """What they are called, without their endings."""
        self._look()
        return self._by_stem.keys()

    def called(self, name: str, stem: str) -> Path | None:
        """The one of this name; if there is none, the first of this stem, whatever its ending."""
        self._look()
        return self._by_name.get(name) or self._by_stem.get(stem)

    def _look(self) -> None:
        try:
            known = self.folder.stat()  # once, since it is done for each image of thousands
            changed = known.st_mtime_ns if S_ISDIR(known.st_mode) else 0
        except OSError:
            changed = 0
        # What is still being copied here changes, and the folder does not.
        if changed != self._changed or any(mark(path) != seen for path, seen in self._marks.items()):
            marks: dict[Path, tuple[int, int] | None] = {}
            self._files = tuple(sorted(self._images(marks), key=natural_order)) if changed else ()
            self._by_name = {called(path): path for path in self._files}
            self._by_stem = {plain_stem(path): path for path in reversed(self._files)}
            self._changed, self._marks = changed, marks

    def _images(self, marks: dict[Path, tuple[int, int] | None]) -> Iterator[Path]:
        home = settled(self.folder)
        for entry in os.scandir(self.folder):
            path = Path(entry.path)
            if entry.name.startswith(".") or (entry.is_symlink() and settled(path).parent != home):
                continue
            kind = ending(path)
            if kind in IMAGE_ENDINGS and entry.is_file():
                yield path
            elif self.scenes and ((kind in SCENE_ENDINGS and entry.is_file()) or (kind == ZARR and entry.is_dir())):
                marks[path] = mark(path)
                yield from (image for image in images_of(path) if home in settled(image).parents)
