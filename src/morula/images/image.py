"""What an image is: pixels with their axes, pixel size and channel names.

Inside Morula a frame always has the axes `C [Z] Y X`, and a frame is one moment in time: many forms at
the door, one inside. The pixels stay in their file until a region of a frame is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from morula.cards import Card, Shown
from morula.errors import FileError
from morula.formats.stored import Box, default_channels
from morula.headers.units import pixel_size_in_words
from morula.images.colours import GREY, LUMA
from morula.plurals import listed


class Pixels(Protocol):
    """Where an image gets its numbers from."""

    def read(self, frame: int, box: Box) -> np.ndarray:
        """The pixels of `box` in one frame, shape `(channels, *box)`."""
        ...


@dataclass(frozen=True)
class ArrayPixels:
    """Pixels in memory, in a memory map, or wherever dask takes them from, shape `(frames, channels, *space)`."""

    array: np.ndarray

    def read(self, frame: int, box: Box) -> np.ndarray:
        return np.asarray(self.array[(frame, slice(None), *box)])


@dataclass(frozen=True)
class _ChosenChannels:
    pixels: Pixels
    chosen: tuple[int, ...]

    def read(self, frame: int, box: Box) -> np.ndarray:
        return self.pixels.read(frame, box)[list(self.chosen)]


@dataclass(frozen=True)
class _JoinedChannels:
    parts: tuple[Pixels, ...]

    def read(self, frame: int, box: Box) -> np.ndarray:
        return np.concatenate([part.read(frame, box) for part in self.parts])


@dataclass(frozen=True)
class _Brightness:
    """Three colours as one, as bright as people see them."""

    pixels: Pixels

    def read(self, frame: int, box: Box) -> np.ndarray:
        colours = self.pixels.read(frame, box)
        grey = np.tensordot(np.asarray(LUMA, np.float32), colours.astype(np.float32), axes=1)[None]
        return (np.rint(grey) if colours.dtype.kind in "bui" else grey).astype(colours.dtype)


@dataclass(frozen=True)
class Meaning:
    """What the values of a mask mean, where that is told and need not be recognised; 0 is background.

    Attributes:
        classes: the names of the classes 1, 2 and so on of the whole set; empty where nobody named the only one.
        objects: each object has a number of its own, and all are of one class.
        unknown: the value where nobody annotated; None if it is nowhere.
        numbers: the number of the object at each pixel, if the values are those of classes and objects are known.
    """

    classes: tuple[str, ...]
    objects: bool
    unknown: int | None = None
    numbers: Pixels | None = None


@dataclass(frozen=True, repr=False)
class Image(Shown):
    """A picture, a volume, or a movie of either, in a file or in memory.

    Attributes:
        pixels: where the numbers come from; ask `frame` and `region` instead.
        name: the file's name without its ending; in memory, whatever it was called.
        frames: the number of moments in time.
        channels: the names of the channels, in order.
        space: the shape of one channel of one frame, `(y, x)` or `(z, y, x)`.
        dtype: the type of the numbers as stored.
        pixel_size: µm along each spatial axis in the order of `space`, or None where unknown.
        path: the file, or None in memory.
        stored_axes: a letter of `TCZYX` for each axis as it was stored.
        strange_unit: what the file measures in, if its pixel size is unknown because this is no known unit.
        unfinished: what is missing in a file that was stopped early, and what to do, in two sentences.
        orientation: how it lay in its file before it was turned upright, as the tag of TIFF counts; 1 is upright, and
            None is a file of ours, which says nothing of how the image lay that it was made of.
        overlapping: pixels that several of its objects claim, where each lies in a file of its own.
        remarks: what else whoever uses it should be told, a problem and what to do, in two sentences each.
        meaning: what its values mean, if it is a mask that says so.
    """

    pixels: Pixels
    name: str
    frames: int
    channels: tuple[str, ...]
    space: tuple[int, ...]
    dtype: np.dtype
    pixel_size: tuple[float, ...] | None = None
    path: Path | None = None
    stored_axes: str = ""
    strange_unit: str = ""
    unfinished: str = ""
    orientation: int | None = 1
    overlapping: int = 0
    remarks: tuple[str, ...] = ()
    meaning: Meaning | None = None

    @classmethod
    def from_array(
        cls,
        array: np.ndarray,
        axes: str,
        *,
        name: str = "image",
        pixel_size: tuple[float, ...] | None = None,
        channels: tuple[str, ...] | None = None,
        path: Path | None = None,
    ) -> Image:
        """An image from an array whose axes are named by letters of `TCZYX` in any order.

        Raises:
            ValueError: `axes` does not fit the array, Y or X is missing, or the pixel size is not one number above 0
                for each spatial axis.

        >>> Image.from_array(np.zeros((3, 40, 50)), "CYX").space
        (40, 50)
        """
        if len(axes) != array.ndim or len(set(axes)) != len(axes) or set(axes) - set("TCZYX"):
            raise ValueError(f"axes {axes!r} do not describe an array of shape {array.shape}")
        if not {"Y", "X"} <= set(axes):
            raise ValueError(f"axes {axes!r} must hold Y and X")
        order = [axes.index(letter) for letter in "TCZYX" if letter in axes]
        array = array.transpose(order)
        for position, letter in enumerate("TC"):
            if letter not in axes:
                array = np.expand_dims(array, position)
        frames, count, *space = array.shape
        names = channels or default_channels(count)
        if len(names) != count:
            raise ValueError(f"{len(names)} channel names for {count} channels")
        if pixel_size is not None and (len(pixel_size) != len(space) or not all(size > 0 for size in pixel_size)):
            raise ValueError(f"the pixel size {pixel_size} is not one number above 0 for each of the axes "
                             f"{'ZYX'[-len(space):]}")
        pixels = ArrayPixels(array)
        return cls(pixels, name, frames, tuple(names), tuple(space), array.dtype, pixel_size, path, axes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What whoever uses the file should be told, in words that name it, such as that it was stopped early."""
        return tuple(f"{self.path or self.name}: {said}" for said in (self.unfinished, *self.remarks) if said)

    @property
    def axes(self) -> str:
        """The axes of `array()`, such as `"TCYX"`."""
        return "TCZYX" if len(self.space) == 3 else "TCYX"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `array()`: `(frames, channels, *space)`."""
        return (self.frames, len(self.channels), *self.space)

    @property
    def whole(self) -> Box:
        """The box that covers a whole frame."""
        return tuple(slice(0, size) for size in self.space)

    @property
    def extent(self) -> str:
        """Its size in words: `40 × 50`, or `3 frames of 40 × 50`."""
        size = " × ".join(map(str, self.space))
        return size if self.frames == 1 else f"{self.frames} frames of {size}"

    @property
    def card(self) -> Card:
        shape = " × ".join(map(str, self.shape))
        rows = [("axes", f"{self.axes}, {shape}, {self.dtype}"),
                ("pixel size", pixel_size_in_words(self.pixel_size) if self.pixel_size else "unknown"),
                ("channels", listed(self.channels)),
                *([("file", str(self.path))] if self.path else [])]
        return Card(f"Image {self.name!r}", rows)

    def _repr_html_(self) -> str:
        """How a notebook shows it: the middle plane of its first frame made small, and what it is in words."""
        from morula.images.thumbnail import LARGEST, thumbnail

        if np.prod(self.space[-2:], dtype=float) * len(self.channels) > LARGEST:
            return self.card.html()
        middle = tuple(slice(length // 2, length // 2 + 1) for length in self.space[:-2])
        try:
            planes = self.region(0, (*middle, *self.whole[-2:]))
        except FileError:  # gone meanwhile, or damaged there: what it was is known still
            return self.card.html()
        return self.card.html(thumbnail(planes.reshape(len(planes), *self.space[-2:]), self.channels))

    def region(self, frame: int, box: Box) -> np.ndarray:
        """The pixels of `box` in one frame, shape `(channels, *box)`, read without the rest.

        Raises:
            IndexError: there is no such frame.
            ValueError: the box has not one slice for each spatial axis.
            FileError: the file is damaged there, or gone.
        """
        if len(box) != len(self.space):
            raise ValueError(f"{self.name} has {len(self.space)} spatial axes; the box has {len(box)}")
        if not 0 <= frame < self.frames:
            raise IndexError(f"{self.name} has {self.frames} frames; there is no frame {frame}")
        return self.pixels.read(frame, box)

    def frame(self, frame: int = 0) -> np.ndarray:
        """One whole frame, shape `(channels, *space)`."""
        return self.region(frame, self.whole)

    def __iter__(self) -> Iterator[np.ndarray]:
        """The frames, one at a time."""
        return (self.frame(index) for index in range(self.frames))

    def array(self) -> np.ndarray:
        """Everything, shape `(frames, channels, *space)`."""
        return np.stack(list(self))

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """What `np.asarray` makes of it: everything, with the axes `axes`.

        Raises:
            ValueError: `copy` is False, and the numbers are in a file, or of another type than `dtype`.
        """
        if copy is False:
            held = self.pixels.array if isinstance(self.pixels, ArrayPixels) else None
            if not isinstance(held, np.ndarray) or (dtype is not None and dtype != held.dtype):
                raise ValueError(f"{self.name} is no array of {dtype or self.dtype} without a copy of its pixels")
            return held
        array = self.array()
        return array if dtype is None else array.astype(dtype, copy=False)

    def to_dask(self) -> Any:
        """Everything as an array of dask with the axes `axes`, read a plane at a time when it is asked for.

        Raises:
            RequestError: dask is not installed.
        """
        from morula.images.lent_arrays import in_planes

        return in_planes(self.region, self.shape, self.dtype)

    def to_xarray(self) -> Any:
        """Everything as a DataArray of xarray, with its axes, channel names, and places in µm.

        Raises:
            RequestError: xarray is not installed.
        """
        from morula.images.lent_arrays import with_places

        return with_places(self.array(), self.axes, self.channels, self.pixel_size, self.name)

    def with_channels(self, names: Sequence[str]) -> Image:
        """The image with only the channels of these names, in this order.

        Raises:
            ValueError: there is no such channel.
        """
        return self.take_channels([self.channels.index(name) for name in names], names)

    def take_channels(self, places: Sequence[int], names: Sequence[str]) -> Image:
        """The image with only the channels at these places, counted from 0, in this order, under these names."""
        return replace(self, pixels=_ChosenChannels(self.pixels, tuple(places)), channels=tuple(names))

    def in_grey(self) -> Image:
        """A colour picture without its colours."""
        return replace(self, pixels=_Brightness(self.pixels), channels=GREY)

    def beside(self, others: Sequence[Image], names: Sequence[str]) -> Image:
        """The image with the channels of others of its size behind its own, all under these names."""
        pixels = _JoinedChannels(tuple(each.pixels for each in (self, *others)))
        dtype = np.result_type(*(each.dtype for each in (self, *others)))
        return replace(self, pixels=pixels, channels=tuple(names), dtype=dtype)

    def with_pixel_size(self, pixel_size: tuple[float, ...] | None) -> Image:
        """The same image with another pixel size (µm)."""
        return replace(self, pixel_size=pixel_size)
