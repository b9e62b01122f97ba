"""The image files that really lie in a folder, known until something in it comes or goes."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from stat import S_ISDIR

from morula.files import settled
from morula.images.read import natural_order
from morula.names.endings import IMAGE_ENDINGS, ending, plain_stem


class Listing:
    """The images in a folder; links that lead out of it are none of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._changed = 0
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
        if changed != self._changed:
            self._files = tuple(sorted(_images(self.folder), key=natural_order)) if changed else ()
            self._by_name = {path.name: path for path in self._files}
            self._by_stem = {plain_stem(path): path for path in reversed(self._files)}
            self._changed = changed


def _images(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        path = Path(entry.path)
        if entry.name.startswith(".") or ending(path) not in IMAGE_ENDINGS or not entry.is_file():
            continue
        if not entry.is_symlink() or settled(path).parent == settled(folder):
            yield path
