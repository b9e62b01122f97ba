"""Formats that plug-ins of bioio read: each is chosen by its name, and never by what happens to be installed.

bioio itself would take whichever plug-in was installed last. What is used here is what all plug-ins have in common: a
reader for a file, with scenes, axes, and an array of dask for each scene, whose parts are read when they are asked for.
How much a plug-in decodes for a part is its own affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from math import prod
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from morula.errors import FileError, RequestError, reason
from morula.formats.scenes import Scene, chosen, named, require_known, with_colours
from morula.formats.stored import Box, Contents, errors_naming
from morula.headers.limits import require_planes
from morula.headers.units import is_strange, micrometres
from morula.plurals import listed
from morula.whereabouts import is_elsewhere

GROUP = "bioio.readers"
"""Under which plug-ins announce themselves."""
_SAMPLES = "S"
"""The axis of the colours of a pixel."""
_OTHER_AXES = {"M": "tiles of a mosaic"}


@dataclass(frozen=True)
class Plugin:
    """A plug-in that is installed.

    Attributes:
        name: as it is installed, such as `bioio-dv`.
        module: what it announces: the module with its `ReaderMetadata`.
    """

    name: str
    module: Any

    @property
    def endings(self) -> frozenset[str]:
        """What the names of its files end in, in lower case, as it says itself."""
        told = self.module.ReaderMetadata.get_supported_extensions()
        return frozenset(f".{each.lower().lstrip('.')}" for each in told)

    def scenes(self, file: Path) -> list[Scene]:
        """The images in a file.

        Raises:
            FileError: the plug-in cannot read it.
        """
        with self._reading(file) as reader:
            found = []
            for scene in reader.scenes:
                reader.set_scene(scene)
                found.append(Scene(str(scene), dict(zip(reader.dims.order, reader.shape, strict=True))))
            return found

    def open(self, file: Path, scene: int | None) -> Contents:
        """What a file holds.

        Args:
            file: of a kind that it reads.
            scene: which of its images, counted from 1; None where it holds but one.

        Raises:
            FileError: the plug-in cannot read it, or it has axes that are not read.
        """
        number = chosen(file, self.scenes(file), scene)
        with self._reading(file) as reader:
            reader.set_scene(reader.scenes[number])
            array, letters = reader.dask_data, reader.dims.order
            lengths, strange = _lengths(reader, number)
            names = [str(name) for name in reader.channel_names or ()]
        sizes = dict(zip(letters, array.shape, strict=True))
        colours = sizes.get(_SAMPLES, 1)
        if colours > 1 and sizes.get("C", 1) > 1:
            raise FileError(f"{file} has {sizes['C']} channels of {colours} colours each, which are not read. Save "
                            "each as a file of its own, with the program that it came from.")
        require_known(file, {letter: size for letter, size in sizes.items() if letter != _SAMPLES}, _OTHER_AXES)
        kept = [letter for letter in letters if letter in "YX" or sizes[letter] > 1]
        array = array[tuple(slice(None) if letter in kept else 0 for letter in letters)]
        require_planes(file, prod(sizes[letter] for letter in kept if letter not in "YX"))
        return Contents(
            PluginArray(file, array),
            "".join("C" if letter == _SAMPLES else letter for letter in kept),
            {letter: size for letter, size in lengths.items() if letter in kept},
            with_colours(names[:1], [colours]) if colours > 1 else named(names),
            {letter: unit for letter, unit in strange.items() if letter in kept},
        )

    @contextmanager
    def _reading(self, file: Path) -> Iterator[Any]:
        """Its reader of a file; what goes wrong is said of the file, with the name of the plug-in."""
        if is_elsewhere(file):
            raise FileError(f"{file} is read by {self.name}, on this machine alone. Copy it here first.")
        with errors_naming(file):
            if not file.is_file():
                raise FileNotFoundError(file)
            try:
                yield self.module.ReaderMetadata.get_reader()(file)
            except FileError:
                raise
            except Exception as error:
                raise FileError(f"{file} cannot be read by {self.name} ({reason(error)}). Choose the plug-in for files "
                                "of its kind, or save it as OME-TIFF with the program that it came from.") from error


def plugin_called(name: str) -> Plugin:
    """The plug-in of this name.

    Raises:
        RequestError: it is not installed, or cannot be loaded; those that are installed are listed.
    """
    installed = {each.name: each for each in entry_points(group=GROUP)}
    found = next((each for each in installed.values() if _plainly(each.name) == _plainly(name)), None)
    if found is None:
        there = f"There is {listed(sorted(installed))}" if installed else "There is none"
        raise RequestError(f"No plug-in of bioio is called {name!r}. {there}. Install the one for your files, such as: "
                           "python -m pip install bioio-bioformats")
    return Plugin(found.name, _loaded(found))


@dataclass(frozen=True)
class PluginArray:
    """An array of dask, of which one part is read at a time."""

    path: Path
    array: Any
    _turn: Any = field(default_factory=Lock, repr=False, compare=False)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.array.shape)

    @property
    def dtype(self) -> np.dtype:
        return self.array.dtype

    def read(self, where: Box) -> np.ndarray:
        with self._turn:
            return np.asarray(self.array[where].compute(scheduler="synchronous"))


def _loaded(entry: EntryPoint) -> Any:
    try:
        module = entry.load()
        module.ReaderMetadata.get_reader()
    except Exception as error:
        raise RequestError(f"The plug-in {entry.name} is installed and cannot be loaded ({reason(error)}). Install it "
                           f"again: python -m pip install --force-reinstall {entry.name}") from error
    return module


def _plainly(name: str) -> str:
    return name.lower().replace("_", "-")


def _lengths(reader: Any, scene: int) -> tuple[Mapping[str, float], Mapping[str, str]]:
    """The sizes of a pixel in µm, and units that are not known, by axis; numbers without a unit mean nothing."""
    known, strange = {}, {}
    for letter, length, unit in _told(reader, scene):
        if size := micrometres(length, unit):
            known[letter] = size
        elif is_strange(unit):
            strange[letter] = unit
    return known, strange


def _told(reader: Any, scene: int) -> Sequence[tuple[str, float, str]]:
    """Axis, length and unit, of those that have one: as the plug-in says, or else as it writes them in OME-XML."""
    for say in (_by_axes, _by_ome):
        with suppress(Exception):  # plug-ins fail at that in their own ways, which keeps nobody from the pixels
            if told := [(letter, float(length), str(unit)) for letter, length, unit in say(reader, scene)
                        if length and unit]:
                return told
    return ()


def _by_axes(reader: Any, _scene: int) -> Iterator[tuple[str, float | None, Any]]:
    for letter in "ZYX":
        yield letter, getattr(reader.physical_pixel_sizes, letter), getattr(reader.dimension_properties, letter).unit


def _by_ome(reader: Any, scene: int) -> Iterator[tuple[str, float | None, Any]]:
    pixels = reader.ome_metadata.images[scene].pixels
    for letter in "ZYX":
        named = f"physical_size_{letter.lower()}"
        yield letter, getattr(pixels, named), getattr(pixels, f"{named}_unit").value
