"""Which files hold what was drawn on images, and all of it together under one table of classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from morula.errors import DataError, FileError, reason
from morula.exchange.areas import Drawn
from morula.exchange.coco import is_coco, read_coco
from morula.exchange.cvat import is_cvat, read_cvat
from morula.exchange.cvat_masks import is_segmentation_mask, read_segmentation_mask
from morula.exchange.geojson import is_geojson, read_geojson
from morula.exchange.imagej_rois import is_imagej, read_imagej
from morula.exchange.labelme import is_labelme, read_labelme
from morula.exchange.painting import BACKGROUND, UNKNOWN, Numbering, ObjectPixels, paint
from morula.exchange.plain_data import read_json
from morula.images.image import Image, Meaning
from morula.names.endings import stem
from morula.whereabouts import as_path

ENDINGS = (".json", ".geojson", ".xml", ".zip", ".roi")
BENEATH = "annotations"
"""The folder in an export of COCO that holds its JSON files."""
UNNAMED = "unnamed"
"""What is drawn without a class is called where other things have one."""
MOST_CLASSES = 254
_KNOWN = ("labelme and COCO (.json), GeoJSON of QuPath (.geojson, .json), CVAT for images 1.1 (.xml), CVAT's "
          "Segmentation mask 1.1 (a folder with labelmap.txt), and ROIs of ImageJ (.roi, .zip)")


@dataclass(frozen=True, eq=False)
class Annotations:
    """What was drawn on images, as masks of them.

    Attributes:
        drawn: what each mask is made of, by the file that stands for it. Where one file is about many images, the names
            of these stand behind it, as in `instances.json/a.png`.
        sources: the files and folders that all of it comes from.
        classes: what was drawn, by name, in the order of the class numbers; empty where nothing has a name.
        objects: each object has a number of its own in a mask, and classes do not show.
    """

    drawn: Mapping[Path, Drawn]
    sources: frozenset[Path]
    classes: tuple[str, ...]
    objects: bool

    @property
    def files(self) -> list[Path]:
        """What stands for the masks."""
        return list(self.drawn)

    def told(self, classes: Sequence[str] | None, *, objects: bool) -> Annotations:
        """The same, as a person wants it.

        Args:
            classes: all classes in their order; None for that of the alphabet.
            objects: whether all of them are objects of one kind, each with a number of its own.

        Raises:
            DataError: something else was drawn.
        """
        if objects:
            return replace(self, classes=(), objects=True)
        if classes is None or not self.classes:
            return self
        places = {name.casefold() for name in classes}
        unknown = {name: drawn.file for drawn in self.drawn.values() for shape in drawn.shapes
                   if (name := shape.name).casefold() not in places and name not in (BACKGROUND, UNKNOWN)}
        if unknown:
            raise DataError([f"{file}: {name!r} is drawn, and is not among the classes {', '.join(classes)}. Mend the "
                             "label, or name it with --class-names" for name, file in sorted(unknown.items())])
        called = {name.casefold(): name for name in classes}
        drawn = {path: _renamed(each, called) for path, each in self.drawn.items()}
        return replace(self, drawn=drawn, classes=tuple(classes), objects=len(classes) == 1)

    def open(self, path: Path, other: Image | None) -> Image:
        """The mask of an image.

        Args:
            path: one of `files`.
            other: the image, or another mask of it; None where nobody has it.

        Raises:
            FileError: nobody says how large the image is, it is too large, or the drawing is of another size.
        """
        drawn = self.drawn[path]
        if other is not None:
            frames, space = other.frames, other.space
            if drawn.size not in (None, space[-2:]):
                came, own = (" × ".join(map(str, size)) for size in (drawn.size or (), space[-2:]))
                raise FileError(f"{path}: it was drawn on an image of {came} px, and its image has {own} px. Draw on "
                                "the image itself, or give that one.")
        elif drawn.size is not None:
            frames, space = 1, drawn.size
        else:
            raise FileError(f"{path} does not say how large its image is. Give the images, too.")
        most = max((len(each.shapes) for each in self.drawn.values()), default=0)
        numbers = {name: number for number, name in enumerate(self.classes, start=1)}
        try:
            numbering = Numbering(numbers, most if self.objects else None)
            pixels, remarks = paint(drawn, frames, space, numbering)
        except ValueError as error:
            raise FileError(f"{path}: {error}.") from error
        unknown = any(shape.name == UNKNOWN for each in self.drawn.values() for shape in each.shapes)
        axes = "T" * (frames > 1) + "ZYX"[-len(space) :]
        return Image(pixels, stem(path), frames, ("grey",), space, numbering.dtype,
                     other.pixel_size if other is not None else None, path, axes, remarks=tuple(remarks),
                     meaning=Meaning(self.classes, self.objects, numbering.unknown if unknown else None,
                                     None if self.objects else ObjectPixels(drawn, space)))


def find_annotations(source: str | Path | Sequence[str | Path]) -> Annotations | None:
    """What was drawn, in the files of a folder, behind a pattern, or of a list; None where there is none.

    What a file in a folder is, is told by what it holds; others are passed over. A file asked for by its name must be
    one.

    Raises:
        DataError: files are damaged or hold what is not understood; each is named.
    """
    sources = [source] if isinstance(source, str | Path) else list(source)
    drawn: dict[Path, Drawn] = {}
    taken, problems = set(), []
    for path, asked in dict(each for place in sources for each in _candidates(as_path(place).expanduser())).items():
        try:
            found = _read(path, asked)
            if found is None and asked:
                raise FileError(f"{path} holds no annotations that are known here. These are {_KNOWN}.")
        except FileError as error:
            problems.append(str(error).rstrip("."))
            continue
        if found is not None:
            taken.add(path)
            names = Counter(each.file for each in found)
            problems += [f"{file} is there {count} times. Give each image one annotation"
                         for file, count in names.items() if count > 1]
            drawn |= {each.file: each for each in found}
    if problems:
        raise DataError(problems)
    return _under_one_table(drawn, frozenset(taken)) if taken else None


def _candidates(place: Path) -> Iterator[tuple[Path, bool]]:
    """Files that may hold annotations, and whether they must."""
    if is_segmentation_mask(place):
        yield place, True
    elif place.is_dir():
        inside = sorted(path for path in place.iterdir() if not path.name.startswith("."))
        files = [path for path in inside if path.suffix.lower() in ENDINGS and path.is_file()]
        if not files:
            files = [path for path in inside if path.is_dir() and any(path.glob("*.roi"))]
        if not files and (place / BENEATH).is_dir():
            files = sorted((place / BENEATH).glob("*.json"))
        yield from ((path, False) for path in files)
    elif place.is_file():
        if place.suffix.lower() in ENDINGS:
            yield place, True
    elif set("*?[") & set(str(place)):
        root = next(parent for parent in place.parents if parent.is_dir())
        found = sorted(root.glob(str(place.relative_to(root))))
        yield from ((path, False) for path in found if path.suffix.lower() in ENDINGS and path.is_file())


def _read(path: Path, asked: bool) -> list[Drawn] | None:
    """What was drawn on the images that a file is about; None where it is about something else.

    Raises:
        FileError: it is damaged, or holds what is not understood.
    """
    try:
        if path.is_dir():
            return read_segmentation_mask(path) if is_segmentation_mask(path) else read_imagej(path)
        if path.suffix.lower() in (".roi", ".zip"):
            return read_imagej(path) if asked or is_imagej(path) else None
        if path.suffix.lower() == ".xml":
            return read_cvat(path) if is_cvat(path) else None
        data = read_json(path)
        readers = ((is_labelme, read_labelme), (is_coco, read_coco), (is_geojson, read_geojson))
        return next((read(path, data) for fits, read in readers if fits(data)), None)
    except ValueError as error:
        raise FileError(f"{path}: {error}.") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read ({reason(error)}). Look at its permissions, or copy it again."
                        ) from error


def _under_one_table(drawn: Mapping[Path, Drawn], sources: frozenset[Path]) -> Annotations:
    """The same under names that classes can have, in the order of the alphabet; case does not tell them apart."""
    names = {shape.name for each in drawn.values() for shape in each.shapes}
    called: dict[str, str] = {}
    for name in sorted(names):
        called.setdefault(name.casefold(), _class_of(name))
    classes = sorted({*called.values()} - {BACKGROUND, UNKNOWN}, key=_as_read)
    if len(classes) > MOST_CLASSES:
        raise DataError([f"{min(sources)}: {len(classes)} different classes are drawn, and at most {MOST_CLASSES} are "
                         "possible. If these are names of objects, say --read-masks-as objects"])
    if classes == [""]:
        classes = []
    elif "" in classes:
        called[""] = UNNAMED
        classes = sorted({UNNAMED if name == "" else name for name in classes}, key=_as_read)
    renamed = {path: _renamed(each, called) for path, each in drawn.items()}
    return Annotations(renamed, sources, tuple(classes), len(classes) < 2)


def _class_of(name: str) -> str:
    """What a class is called that somebody labelled so: no number, and nothing that columns are called."""
    plain = name.strip()
    if plain.strip("_").casefold() == BACKGROUND:
        return BACKGROUND
    if plain.casefold() in (f"__{UNKNOWN}__", f"{UNKNOWN}*"):
        return UNKNOWN
    if plain.isdecimal():
        return f"class {plain}"
    return re.sub(r"_(?=(low|high)$)", " ", plain, flags=re.IGNORECASE)


def _as_read(name: str) -> tuple:
    """A sorting key that puts `class 2` before `class 10`."""
    pieces = re.split(r"(\d+)", name.casefold())
    return tuple(int(piece) if piece.isdecimal() else piece for piece in pieces)


def _renamed(drawn: Drawn, called: Mapping[str, str]) -> Drawn:
    return replace(drawn, shapes=tuple(replace(shape, name=called.get(shape.name.casefold(), shape.name))
                                       for shape in drawn.shapes))
