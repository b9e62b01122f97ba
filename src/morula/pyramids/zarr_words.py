"""What a group of Zarr is made to say, in the words of OME-Zarr 0.4 and 0.5 (https://ngff.openmicroscopy.org)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.errors import RequestError
from morula.files import write_text
from morula.headers.zarr_groups import plain_attributes, read_json

if TYPE_CHECKING:
    from numpy.typing import DTypeLike
    from zarr import Array

TYPES = {"T": "time", "C": "channel", "Z": "space", "Y": "space", "X": "space"}


def axes_said(letters: str, unit: str | None) -> list[dict[str, str]]:
    """The axes as they are described, with the unit of length if that is known."""
    return [{"name": letter.lower(), "type": TYPES[letter], **({"unit": unit} if unit and letter in "ZYX" else {})}
            for letter in letters]


def level_said(path: str, scale: Sequence[float], translation: Sequence[float]) -> dict[str, Any]:
    """A level: its array, and where its pixels lie."""
    moved: list[dict[str, Any]] = [{"type": "translation", "translation": [*translation]}] if any(translation) else []
    return {"path": path, "coordinateTransformations": [{"type": "scale", "scale": [*scale]}, *moved]}


def multiscale_said(
    version: str, name: str, axes: Sequence[Mapping[str, Any]], levels: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """An image with its levels."""
    return {"name": name, **_version(version), "axes": [*axes], "datasets": [*levels]}


def write_group(group: Path, version: str, said: Mapping[str, Any], own: Mapping[str, Any] | None = None) -> None:
    """Make a folder a group that says something; what it said before it says no more.

    Args:
        group: the folder.
        version: of OME-Zarr.
        said: its words.
        own: words of others beside these.
    """
    group.mkdir(exist_ok=True)
    if version == "0.5":
        about = {"ome": {"version": version, **said}, **(own or {})}
        _write(group / "zarr.json", {"zarr_format": 3, "node_type": "group", "attributes": about})
    else:
        _write(group / ".zgroup", {"zarr_format": 2})
        _write(group / ".zattrs", {**said, **(own or {})})


def add_words(group: Path, version: str, said: Mapping[str, Any]) -> None:
    """Have a group say something more, or something else of the same; all others that it says stay."""
    if version == "0.5":
        held = plain_attributes(group).get("ome", {})
        said = {"ome": {"version": version, **held, **said}}
    add_plain_words(group, version, said)


def add_plain_words(group: Path, version: str, said: Mapping[str, Any]) -> None:
    """The same in words that are none of OME-Zarr, such as those of its tables: these stand alike in both versions."""
    group.mkdir(exist_ok=True)
    held = {**plain_attributes(group), **said}
    if version == "0.5":
        file = group / "zarr.json"
        about = read_json(file) if file.is_file() else {"zarr_format": 3, "node_type": "group"}
        return _write(file, {**about, "attributes": held})
    if not (group / ".zgroup").is_file():
        _write(group / ".zgroup", {"zarr_format": 2})
    _write(group / ".zattrs", held)


def require_name(name: str, option: str) -> None:
    """Refuse what cannot be the name of labels or of a table.

    Raises:
        RequestError: it is empty, hidden, or holds what names of files do not everywhere.
    """
    if not name or name.startswith(".") or set(name) & set('/\\:*?"<>|'):
        raise RequestError(f"{option} {name!r} is no name for what lies in an OME-Zarr. Use letters, digits, spaces, _ "
                           "and -.")


def create_array(
    path: Path, version: str, letters: str, shape: Sequence[int], dtype: DTypeLike, chunks: Sequence[int],
    shards: Sequence[int] | None = None, *, sparse: bool = False,
) -> Array:
    """An empty array, packed as most programs know it; if it is sparse, chunks of zeros will be left out."""
    import numcodecs
    import zarr
    from zarr.codecs import BloscCodec

    if version == "0.5":
        return zarr.create_array(
            path, shape=tuple(shape), dtype=dtype, chunks=tuple(chunks), shards=tuple(shards) if shards else None,
            zarr_format=3, dimension_names=list(letters.lower()), fill_value=0,
            compressors=BloscCodec(cname="zstd", clevel=3, shuffle="shuffle"),
            config={"write_empty_chunks": not sparse})
    return zarr.create_array(
        path, shape=tuple(shape), dtype=dtype, chunks=tuple(chunks), zarr_format=2, fill_value=0,
        chunk_key_encoding={"name": "v2", "separator": "/"},
        compressors=numcodecs.Blosc(cname="zstd", clevel=3, shuffle=numcodecs.Blosc.SHUFFLE),
        config={"write_empty_chunks": not sparse})


def _version(version: str) -> dict[str, str]:
    """Where 0.4 names its version; 0.5 names it once for all."""
    return {} if version == "0.5" else {"version": version}


def _write(file: Path, said: Mapping[str, Any]) -> None:
    write_text(file, json.dumps(said, indent=2))
