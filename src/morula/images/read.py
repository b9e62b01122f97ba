"""Files become images here, and only here.

What the axes of a file mean is taken from the file, or from `axes`. Where neither says:

- the pages of a TIFF follow one another in time;
- a NumPy array of 2 axes is Y X; of 3, Y X C if the last has at most 4 entries, C Y X if the first has
  at most 4, and T Y X otherwise; of 4, T and then three axes that hold a C by these rules.

Anything else is refused with the request to say what the axes are. A movie that ImageJ keeps as slices is
a volume, as its file says, until `axes="TYX"` says better.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from morula.errors import FileError, RequestError
from morula.formats.npy import holds_objects
from morula.formats.openers import open_file, scenes_inside
from morula.formats.stored import Contents, StoredPixels, default_channels, errors_naming
from morula.headers.zarr_groups import attributes, images_inside
from morula.images.image import Image
from morula.names.endings import FILE_ENDINGS, READ_ENDINGS, ZARR, ending, file_of, stem, zarr_of
from morula.plurals import many
from morula.whereabouts import as_path, entries, lists

_MOST_CHANNELS_BY_SHAPE = 4


def find_files(source: str | Path | Sequence[str | Path]) -> list[Path]:
    """The image files in a folder, behind a pattern, or both in a list, as a person would sort them.

    A folder is not searched deeper, and hidden files, files with other endings, and arrays of Python objects are passed
    over. A file asked for by its name is always given. What exists under a name that looks like a pattern is itself.
    What cannot be read, such as a link to what is gone, is given too: it is named when its turn comes. An OME-Zarr
    gives all images in it, and a file of a microscope all its scenes, such as `a.lif:2`.

    Raises:
        RequestError: a name does not exist, or there is no image.
    """
    sources = [source] if isinstance(source, str | Path) else list(source)
    files = {file for each in sources for file in _find(as_path(each).expanduser())}
    if not files:
        where = ", ".join(str(each) for each in sources) or "an empty list"
        raise RequestError(f"No images in {where}. Looked for files ending in {READ_ENDINGS}.")
    return sorted(files, key=natural_order)


def _find(source: Path) -> list[Path]:
    if source.is_file():
        return images_of(source)
    if source.is_dir():
        if zarr_of(source):
            return images_of(source)
        candidates = [path for path, is_folder in entries(source) if not is_folder or ending(path) == ZARR]
    elif set("*?[") & set(str(source)):
        root = next(parent for parent in source.parents if parent.is_dir())  # brackets up to here are a name
        found = root.glob(str(source.relative_to(root)))
        candidates = [path for path in found if not path.is_dir() or _is_inside(path)]
    elif zarr_of(source):
        return images_inside(source)
    elif file_of(source).is_file():
        return [source]
    else:
        gone = "does not exist" if lists(source) else "does not exist, or its server does not say what lies in it"
        raise RequestError(f"{source} {gone}. Check the spelling, or give a folder, a file or a pattern.")
    visible = (file for file in candidates if not file.name.startswith("."))
    files = [file for file in visible if ending(file) in FILE_ENDINGS or (ending(file) == ZARR and file.is_dir())]
    if not files and source.is_dir() and attributes(source) is not None:
        raise RequestError(f"{source} is a Zarr by what lies in it. Rename it to {source.name}{ZARR}, and what it "
                           "holds is found.")
    return [image for file in files if not holds_objects(file) for image in images_of(file)]


def images_of(source: Path) -> list[Path]:
    """The images in an OME-Zarr, or the scenes in a file; itself where there is but one, or where it is damaged."""
    try:
        return images_inside(source) if zarr_of(source) else scenes_inside(source)
    except FileError:
        return [source]


def _is_inside(folder: Path) -> bool:
    """Whether a folder that a pattern fits is an OME-Zarr, or an image in one."""
    within = zarr_of(folder)
    return within is not None and (folder == within or not {"multiscales", "well"}.isdisjoint(attributes(folder) or ()))


def natural_order(path: Path) -> tuple:
    """A sorting key that puts `frame 2` before `frame 10`."""
    pieces = re.split(r"(\d+)", str(path).casefold())
    return tuple(int(piece) if piece.isdecimal() else piece for piece in pieces), str(path)


def open_image(
    path: str | Path,
    *,
    axes: str | None = None,
    pixel_size: float | Sequence[float] | None = None,
    channels: Sequence[str] | None = None,
) -> Image:
    """The image in a file, whose pixels stay there until they are asked for.

    Colours are the channels `red`, `green` and `blue`, a lone channel is `grey`, transparency is `alpha`.

    Args:
        path: a TIFF, NIfTI, PNG, JPEG, BMP, GIF, PNM, NPY, CZI, ND2 or LIF file; what it is, is told by its first
            bytes. Of one that holds several scenes, one of these, such as `a.lif:2`. Or an OME-Zarr, or an image or
            labels in it. Or a folder with a file for each object of one image, which become one label image.
        axes: letters of `TCZYX`, one for each stored axis longer than one, over what the file says. A file
            with a single plane fits any axes.
        pixel_size: µm, one for all spatial axes or one for each in the order `[z] y x`, over what the
            file says.
        channels: names, over what the file says.

    Raises:
        FileError: the file cannot be read or understood, now or when its pixels are asked for.
    """
    path = as_path(path)
    with errors_naming(path):
        contents = _contents(path)
    return image_holding(path, contents, axes=axes, pixel_size=pixel_size, channels=channels)


def image_holding(
    path: Path,
    contents: Contents,
    *,
    axes: str | None = None,
    pixel_size: float | Sequence[float] | None = None,
    channels: Sequence[str] | None = None,
) -> Image:
    """The image of which a file says this; the arguments after it are those of `open_image`.

    Raises:
        FileError: it holds no numbers, or what is asked for does not fit.
    """
    stored = contents.stored
    if stored.dtype.kind not in "buif" or stored.dtype.itemsize > 8:
        raise FileError(f"{path} holds {stored.dtype} values. Save it as whole numbers or as float32.")
    letters = _settle_axes(path, contents, axes)
    sizes = dict(zip(letters, stored.shape, strict=True))
    space = tuple(sizes[letter] for letter in "ZYX" if letter in sizes)
    size = _settle_pixel_size(path, "ZYX"[-len(space) :], contents, pixel_size)
    strange = [unit for letter, unit in contents.strange_units.items() if letter in letters and not size]
    return Image(
        StoredPixels(path, stored, letters),
        _name(path),
        sizes.get("T", 1),
        _settle_channels(path, sizes.get("C", 1), contents.channels, channels),
        space,
        stored.dtype.newbyteorder("="),
        size,
        path,
        letters,
        strange[0] if strange else "",
        contents.unfinished,
        contents.orientation,
        contents.overlapping,
    )


def _name(path: Path) -> str:
    if within := zarr_of(path):
        return stem(path) if within == path else path.relative_to(within).as_posix()
    return path.name if path.is_dir() else stem(path)


def open_joined(
    files: Mapping[str, Path],
    *,
    axes: str | None = None,
    pixel_size: float | Sequence[float] | None = None,
    channels: Sequence[str] | None = None,
) -> Image:
    """The image whose channels lie in several files, called like the first of them.

    Args:
        files: the file of each channel, by the channel's name; one that holds several, such as colours, gives all.
        axes: as for `open_image`.
        pixel_size: as for `open_image`.
        channels: names, over those given.

    Raises:
        FileError: a file cannot be read or understood, or is of another size than the first.
    """
    images = {name: without_alpha(open_image(path, axes=axes, pixel_size=pixel_size)) for name, path in files.items()}
    first, *others = images.values()
    for other in others:
        if (other.space, other.frames) != (first.space, first.frames):
            raise FileError(f"{other.path} is a channel of the image of {first.path}, by its name, and has "
                            f"{other.extent} where that has {first.extent}. Export both alike, or move one away.")
    own = [name if len(image.channels) == 1 else f"{name} {channel}"
           for name, image in images.items() for channel in image.channels]
    return first.beside(others, _settle_channels(next(iter(files.values())), len(own), own, channels))


def open_alike(
    path: Path,
    other: Image | None,
    *,
    axes: str | None = None,
    pixel_size: float | Sequence[float] | None = None,
) -> Image:
    """What is in a file that belongs to another, such as a mask to its image: with the same axes, as far as they fit.

    Args:
        path: as for `open_image`.
        other: whose planes are slices, or moments in time, if that is known; then those of this file are the same.
        axes: those of the other; masks seldom have channels, and may go without that letter.
        pixel_size: as for `open_image`.

    Raises:
        FileError: the file cannot be read or understood, now or when its pixels are asked for.
    """
    if axes:
        if set(axes.upper()) - set("TCZYX") or not {"Y", "X"} <= set(axes.upper()):
            raise FileError(f"{path}: '{axes}' are no axes. Name them by letters of TCZYX, Y and X among them.")
        for letters in (axes, axes.upper().replace("C", "")):
            try:
                return open_image(path, axes=letters, pixel_size=pixel_size)
            except FileError:
                continue
    image = open_image(path, pixel_size=pixel_size)
    if other is None or image.space == other.space:
        return image
    planes = [each.frames * math.prod(each.space[:-2]) for each in (image, other)]
    if planes[0] == planes[1] and (image.frames == 1) != (other.frames == 1):  # slices taken for moments
        taken, meant = ("Z", "T") if image.frames == 1 else ("T", "Z")
        return open_image(path, axes=image.stored_axes.replace(taken, meant), pixel_size=pixel_size)
    return image


def without_alpha(image: Image) -> Image:
    """The image without its channel `alpha` if that is the same everywhere, and so carries nothing."""
    if "alpha" not in image.channels or len(image.channels) == 1:
        return image
    alpha = image.channels.index("alpha")
    extremes = [(frame[alpha].min(), frame[alpha].max()) for frame in image]
    if len({value for pair in extremes for value in pair}) > 1:
        return image
    return image.with_channels([name for name in image.channels if name != "alpha"])


def _contents(path: Path) -> Contents:
    """What a file holds, which is something."""
    contents = _claimed(path)
    shape = contents.stored.shape
    if min(shape, default=1) < 1:
        empty = "is empty: its shape is" if 0 in shape else "is damaged: its shape would be"
        raise FileError(f"{path} {empty} {shape}. Leave it out.")
    return contents


def _claimed(path: Path) -> Contents:
    """What a file holds by its own word."""
    if path.is_dir() and not zarr_of(path):
        from morula.images.gathered import gather

        return gather(path, [(file, _contents(file)) for file in _objects(path)])
    return open_file(path)


def _objects(folder: Path) -> list[Path]:
    try:
        return find_files(folder)
    except RequestError as error:
        raise FileError(f"{folder} holds no mask. Put a file for each object there, or leave it out.") from error


def _settle_axes(path: Path, contents: Contents, asked: str | None) -> str:
    shape, found = contents.stored.shape, contents.axes
    if asked and not len(shape) == 2 < len(asked):
        letters = asked.upper()
    elif "?" not in found:
        letters = found
    elif set(found) == {"?"} or ("C" not in found and shape[-1] <= _MOST_CHANNELS_BY_SHAPE):
        letters = _axes_by_shape(shape)
    else:
        letters = found.replace("?", "T")
    fits = len(letters) == len(shape) and len(set(letters)) == len(letters)
    if not fits or set(letters) - set("TCZYX") or not {"Y", "X"} <= set(letters):
        said = f"axes {asked!r} do not fit" if asked else "its axes are not known"
        raise FileError(
            f"{path} has the shape {shape}, and {said}. Say what they are with a letter of TCZYX for each, "
            'such as axes="TCYX".'
        )
    return letters


def _axes_by_shape(shape: tuple[int, ...]) -> str:
    if len(shape) == 2:
        return "YX"
    if len(shape) == 3:
        if shape[2] <= _MOST_CHANNELS_BY_SHAPE < min(shape[:2]):
            return "YXC"
        return "CYX" if shape[0] <= _MOST_CHANNELS_BY_SHAPE else "TYX"
    if len(shape) == 4 and "C" in _axes_by_shape(shape[1:]):
        return "T" + _axes_by_shape(shape[1:])
    return ""


def _settle_channels(
    path: Path, count: int, found: Sequence[str], asked: Sequence[str] | None
) -> tuple[str, ...]:
    if asked is None:
        return tuple(found) if len(found) == count else default_channels(count)
    if len(asked) != count:
        raise FileError(f"{path} has {many(count, 'channel')}, and the names given are {', '.join(asked)}. Name all of "
                        "them, in order; fewer are taken by the setting use_channels.")
    return tuple(asked)


def _settle_pixel_size(
    path: Path, letters: str, contents: Contents, asked: float | Sequence[float] | None
) -> tuple[float, ...] | None:
    if asked is None:
        known = contents.pixel_size
        return tuple(known[letter] for letter in letters) if set(letters) <= set(known) else None
    sizes = (float(asked),) * len(letters) if isinstance(asked, int | float) else tuple(map(float, asked))
    if len(sizes) != len(letters) or not all(math.isfinite(size) and size > 0 for size in sizes):
        raise FileError(
            f"{path} has the spatial axes {letters}; the pixel size {asked} does not fit. "
            "Give one positive number in µm, or one for each axis."
        )
    return sizes
