"""What lies in an OME-Zarr: one image, the series of a file, or the wells of a plate; and beside an image its labels.

All of it is told by small JSON files, of which none is believed to be whole. (https://ngff.openmicroscopy.org)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from morula.errors import FileError, RequestError
from morula.names.endings import LABELS, file_of, zarr_of
from morula.whereabouts import files_below, is_elsewhere, lists

VERSIONS = ("0.4", "0.5")
"""Those that are read and written; 0.4 lies in Zarr v2, and 0.5 in v3."""
TABLES = "tables"
"""Beside an image, what is known of its objects (https://biovisioncenter.github.io/ngio, Tables)."""
BESIDES = (LABELS, TABLES)
"""What comes and goes beside the pixels of an image."""
DESCRIBING = ("zarr.json", ".zattrs", ".zgroup")
"""What says what a group is, in either version of Zarr; without the last, there is no group of the first."""
_LONGEST = 2**26
"""Bytes of a JSON file."""


def attributes(group: Path) -> dict[str, Any] | None:
    """What a group says in the words of OME-Zarr, its version among them; None where it is no group of Zarr.

    Raises:
        FileError: it is damaged, or of a version that is not read.
    """
    file = group / "zarr.json"
    if file.is_file():
        held = read_json(file).get("attributes", {})
        found = held.get("ome", {"version": "of no version in Zarr v3"} if "multiscales" in held else {})
    elif (file := group / ".zattrs").is_file():
        found = read_json(file)
    else:
        return {} if (group / ".zgroup").is_file() else None
    if not isinstance(found, dict):
        raise _damaged(file, "what it says is no list of words with their meaning")
    return {**found, "version": _version(group, found, file.name == "zarr.json")}


def plain_attributes(group: Path) -> dict[str, Any]:
    """All that a group says, in whoever's words; nothing where it says nothing, or is none.

    Raises:
        FileError: it is damaged.
    """
    if (file := group / "zarr.json").is_file():
        found = read_json(file).get("attributes", {})
    else:
        found = read_json(file) if (file := group / ".zattrs").is_file() else {}
    if not isinstance(found, dict):
        raise _damaged(file, "what it says is no list of words with their meaning")
    return found


def read_json(file: Path) -> dict[str, Any]:
    """What one of the small files says.

    Raises:
        FileError: it is damaged.
    """
    size = file.stat().st_size
    if size > _LONGEST:
        raise _damaged(file, f"it has {size:,} bytes, far more than any")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _damaged(file, f"it is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise _damaged(file, "what it says is no list of words with their meaning")
    return found


def images_inside(path: Path) -> list[Path]:
    """The groups of the images in an OME-Zarr, in its order; of a path to `labels` in it, those of all its images.

    Wells and fields that are named and missing are passed over: acquisitions are stopped, and wells left out.

    Args:
        path: an OME-Zarr, or what lies in one. `plate.zarr/labels/nuclei` are the labels of this name of all fields.

    Raises:
        FileError: something in it is damaged, or of a version that is not read.
        RequestError: there is no such thing in it.
    """
    within = zarr_of(path) or path
    if LABELS in path.relative_to(within).parts[-2:]:
        return _labels_inside(path)
    found = attributes(path)
    if found is None and not path.exists():
        raise RequestError(f"{path} does not exist. Check the spelling, or give the whole OME-Zarr, {within}.")
    if found is None or "multiscales" in found:
        return [path]
    return [*_named_inside(path, found)] or [path]


def labels_of(image: Path) -> list[str]:
    """The names of the labels of an image, as its list of them has it, or a FileError where that is damaged."""
    names = (attributes(image / LABELS) or {}).get(LABELS, [])
    return [name for name in _texts(image / LABELS, names) if is_group(member(image / LABELS, name))]


def tables_of(image: Path) -> list[str]:
    """The names of the tables of an image, as its list of them has it, or a FileError where that is damaged."""
    return _texts(image / TABLES, plain_attributes(image / TABLES).get(TABLES, []))


def member(group: Path, name: object) -> Path:
    """What a group calls so; never what lies outside of it.

    Raises:
        FileError: it does.
    """
    parts = name.replace("\\", "/").split("/") if isinstance(name, str) else []
    if not parts or ".." in parts or not parts[0] or ":" in parts[0]:
        raise _damaged(group, f"it names {name!r}, which lies nowhere in it")
    return group.joinpath(*parts)


def files_of(image: Path) -> Iterator[Path]:
    """The files that an image is made of: of an OME-Zarr all but its labels and tables, or what describes it where it
    cannot be told what lies there; of a scene the file that it is in; of a folder with a mask of each object all masks,
    and the folder itself."""
    if zarr_of(image) and not lists(image):
        yield from (file for name in DESCRIBING if (file := image / name).is_file())
    elif image.is_dir() and zarr_of(image):
        yield from files_below(image, BESIDES)
    else:
        yield from (file_of(image), *(image.iterdir() if image.is_dir() else ()))


def _labels_inside(path: Path) -> list[Path]:
    name = "" if path.name == LABELS else path.name
    above = path.parent if not name else path.parent.parent
    images = images_inside(above)
    held = {image: labels_of(image) for image in images}
    found = [member(image / LABELS, each) for image in images for each in held[image] if name in ("", each)]
    if not found:
        others = sorted({each for names in held.values() for each in names})
        there = f"Its labels are {', '.join(others)}" if others else "It has none"
        raise RequestError(f"{above} has no labels {name}".rstrip() + f". {there}.")
    return found


def _named_inside(group: Path, found: Mapping[str, Any]) -> Iterator[Path]:
    """The images that a plate, a well, or a file of several series names, as far as they are there.

    A well that is damaged stands for its fields, to be named when its turn comes.
    """
    if "plate" in found:
        for well in filter(is_group, _named(group, found["plate"], "wells")):
            try:
                yield from _named_inside(well, attributes(well) or {})
            except FileError:
                yield well
    elif "well" in found:
        yield from filter(is_group, _named(group, found["well"], "images"))
    elif "bioformats2raw.layout" in found:
        listed = (attributes(group / "OME") or {}).get("series")
        names = _texts(group / "OME", listed) if listed else map(str, count())
        for name in names:
            if is_group(image := member(group, name)):
                yield image
            elif not listed:
                return


def is_group(path: Path) -> bool:
    """Whether something here says of itself that it is a group of Zarr."""
    return any((path / name).is_file() for name in DESCRIBING)


def is_taken(group: Path) -> bool:
    """Whether there is a group of this name already. Parts of one that was stopped on its way elsewhere are none: what
    describes a group comes last there, while here all of it takes its name at once."""
    return is_group(group) or (not is_elsewhere(group) and group.exists())


def _named(group: Path, found: object, kind: str) -> list[Path]:
    try:
        return [member(group, each["path"]) for each in found[kind]]  # type: ignore[index]
    except (KeyError, TypeError) as error:
        raise _damaged(group, f"its list of {kind} cannot be read") from error


def _texts(group: Path, found: object) -> list[str]:
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _damaged(group, "its list of names cannot be read")
    return found


def _version(group: Path, found: Mapping[str, Any], in_v3: bool) -> str:
    """The version that something in a group names, of those that are read."""
    several = found.get("multiscales")
    places = (found, *(several if isinstance(several, list) else ()), found.get("plate"), found.get("well"))
    named = next((place["version"] for place in places if isinstance(place, dict) and "version" in place), None)
    version = ("0.5" if in_v3 else "0.4") if named is None else str(named)
    if version not in VERSIONS:
        raise FileError(f"{group} is OME-Zarr {version}, and {' and '.join(VERSIONS)} are read. Write it anew in one "
                        "of these, with the program that it came from.")
    return version


def _damaged(place: Path, what: str) -> FileError:
    return FileError(f"{place} is damaged: {what}. Copy the OME-Zarr again from where it came from, or leave it out.")
