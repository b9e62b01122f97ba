"""A project is a folder: images, masks, models, results, and a small file that says what they are about.

    images/                 as they came; never changed
    masks/                  what was drawn: a TIFF for each image, the same stem
    models/                 one file a training, its log beside it
    results/masks/          what a model drew, and frames.csv
    results/                measures, reports
    morula.json             classes and settings
    .morula/                working copies, history, jobs: what can be made again, or led to what is there now

The command line works in the same folder, on the same files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock

from pydantic import ValidationError

from morula.errors import FileError, RequestError
from morula.files import read_json, write_text
from morula.images.image import Image
from morula.images.read import find_files, open_image, without_alpha
from morula.images.write import mask_name
from morula.names.endings import called, file_of, plain_stem, zarr_of
from morula.projects.listing import Listing
from morula.projects.project_settings import ProjectSettings

SETTINGS = "morula.json"
OPEN = 64
"""Images whose files stay known, at most."""


class NotThere(RequestError):
    """Something that a page asks for is not, or no longer, in the project."""


@dataclass(frozen=True)
class Source:
    """An image of a project.

    Attributes:
        id: 12 hexadecimal digits that follow from its name.
        path: the file, a scene of one such as `a.lif:2`, or an image in an OME-Zarr.
    """

    id: str
    path: Path

    @classmethod
    @lru_cache(8192)  # pages ask for tiles by the dozen
    def of(cls, path: Path) -> Source:
        """That at a path."""
        return cls(hashlib.sha256(called(path).encode("utf-8", "surrogateescape")).hexdigest()[:12], path)

    @property
    def name(self) -> str:
        """What it is called in its folder: `a.tif`, `a.lif:2`, `plate.zarr/B/03/0`."""
        return called(self.path)

    @property
    def file(self) -> Path:
        """What is written anew when it changes: its file, or its folder in an OME-Zarr."""
        return file_of(self.path)


class Project:
    """A folder, and what lies where in it.

    Attributes:
        folder: the folder.
        lock: held by whoever changes what is in it.
    """

    def __init__(self, folder: Path):
        """Open a folder, or make it.

        Raises:
            RequestError: it is a file or an OME-Zarr, or its settings cannot be read.
            OutputError: it cannot be written to.
        """
        folder = folder.expanduser().resolve()
        if folder.exists() and not folder.is_dir():
            raise RequestError(f"{folder} is a file. Give the folder of a project, or of images.")
        if within := zarr_of(folder):
            raise RequestError(f"{within} is an OME-Zarr, in which no project can lie. Give the folder that it lies "
                               f"in: {within.parent}.")
        self.folder = folder
        self.lock = RLock()
        self._open = lru_cache(OPEN)(self._opened)
        self._images = Listing(self.images, scenes=True)
        self._masks, self._predicted = Listing(self.masks), Listing(self.predicted)
        self.settings = self._read_settings()
        self.hidden.mkdir(parents=True, exist_ok=True)

    @property
    def images(self) -> Path:
        """The folder of images: `images`, or the project itself where images lie in it and nowhere else."""
        own = self.folder / "images"
        return self.folder if not own.is_dir() and self.folder.is_dir() and _holds_images(self.folder) else own

    @property
    def masks(self) -> Path:
        """The folder of what was drawn."""
        return self.folder / "masks"

    @property
    def models(self) -> Path:
        """The folder of models."""
        return self.folder / "models"

    @property
    def results(self) -> Path:
        """The folder of what models drew and what was measured."""
        return self.folder / "results"

    @property
    def predicted(self) -> Path:
        """The folder of the masks that a model drew."""
        return self.results / "masks"

    @property
    def hidden(self) -> Path:
        """The folder of what nobody needs to look at."""
        return self.folder / ".morula"

    def sources(self) -> list[Source]:
        """The images, as a person would sort them; links that lead out of the project are none of them."""
        if self._images.folder != self.images:
            self._images = Listing(self.images, scenes=True)
        return list(map(Source.of, self._images.files))

    def source(self, identity: str) -> Source:
        """The image file with an id.

        Raises:
            NotThere: there is none.
        """
        for source in self.sources():
            if source.id == identity:
                return source
        raise NotThere("This image is no longer in the project. Load the page again.")

    def image(self, source: Source) -> Image:
        """What is in an image file, as it is now.

        Raises:
            FileError: it cannot be read or understood.
        """
        try:
            stat = source.file.stat()
        except OSError as error:
            raise FileError(f"{source.name} is gone. Put it back, or load the page again.") from error
        return self._open(source.path, stat.st_mtime_ns, stat.st_size)

    def mask(self, source: Source) -> Path:
        """The file of what was drawn on an image: the one that is there, or the one to be made."""
        return _beside(self._masks, source) or self.own_mask(source)

    def own_mask(self, source: Source) -> Path:
        """The file that is made where there is none."""
        return self.masks / mask_name(source.path)

    def clash(self, source: Source) -> str:
        """Why an image can have no mask of its own, and what to do; empty if it can."""
        first = self._images.called("", plain_stem(source.path))
        if first in (None, source.path):
            return ""
        return f"{source.name} and {called(first)} would have one and the same mask. Rename one of them."

    @property
    def mask_stems(self) -> Collection[str]:
        """What the files of what was drawn are called, without their endings."""
        return self._masks.stems

    def prediction(self, source: Source) -> Path | None:
        """The mask that a model drew of an image, if there is one."""
        return _beside(self._predicted, source)

    def change_settings(self, settings: ProjectSettings) -> None:
        """Keep other settings."""
        with self.lock:
            write_text(self.folder / SETTINGS, settings.model_dump_json(indent=2) + "\n")
            self.settings = settings
            self._open.cache_clear()

    def _read_settings(self) -> ProjectSettings:
        path = self.folder / SETTINGS
        if not path.is_file():
            return ProjectSettings()
        try:
            return ProjectSettings.model_validate(read_json(path))
        except (ValidationError, ValueError) as error:
            raise RequestError(f"{path} cannot be understood ({str(error).splitlines()[0]}). Move it away to begin "
                               "with usual settings; images and masks stay as they are.") from error

    def _opened(self, path: Path, _changed: int, _bytes: int) -> Image:
        return without_alpha(open_image(path, pixel_size=self.settings.pixel_size))


def _beside(listing: Listing, source: Source) -> Path | None:
    """The file in a folder that is about an image, by its name."""
    return listing.called(mask_name(source.path), plain_stem(source.path))


def _holds_images(folder: Path) -> bool:
    try:
        return bool(find_files(folder))
    except RequestError:
        return False
