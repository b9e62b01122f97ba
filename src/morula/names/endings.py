"""The endings of image files, and what is left of a name without them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

PACKED = ".nii.gz"
NIFTI_ENDINGS = frozenset({".nii", PACKED})
TIFF_ENDINGS = frozenset({".tif", ".tiff"})

PICTURE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".pbm", ".pgm", ".ppm", ".pnm"})
"""What Pillow reads."""
IMAGE_ENDINGS = frozenset({".npy"}) | PICTURE_ENDINGS | TIFF_ENDINGS | NIFTI_ENDINGS
"""The endings of files that hold one image each, in lower case."""
SCENE_ENDINGS = frozenset({".czi", ".lif", ".nd2"})
"""The endings of files of microscopes, which may hold several images, called scenes."""
FILE_ENDINGS = IMAGE_ENDINGS | SCENE_ENDINGS
"""The endings of all files that can be opened."""

ZARR = ".zarr"
"""The ending of the folder that is an OME-Zarr."""
READ_ENDINGS = ", ".join(sorted({*FILE_ENDINGS, ZARR}))
"""All that images end in, in words."""
_SCENE = re.compile(rf"(.+(?:{'|'.join(map(re.escape, sorted(SCENE_ENDINGS)))})):(\d+)", re.IGNORECASE | re.DOTALL)
LABELS = "labels"
"""Where an OME-Zarr keeps the masks of an image, inside of it."""


def zarr_of(path: Path) -> Path | None:
    """The OME-Zarr that a path is or leads into, by its name alone; None where it is a file of its own.

    >>> zarr_of(Path("plates/7.ome.zarr/B/03/0")).name, zarr_of(Path("a.tif"))
    ('7.ome.zarr', None)
    """
    name = path.name[1:].lower()
    if path.suffix.lower() in FILE_ENDINGS or name.endswith(PACKED) or scene_of(path) is not None:
        return None
    return next((each for each in (path, *path.parents) if each.name[1:].lower().endswith(ZARR)), None)


def file_of(path: Path) -> Path:
    """The file that an image lies in, which is itself where it is no scene of one.

    >>> file_of(Path("day 3/embryos.lif:2")).name, file_of(Path("a.tif")).name
    ('embryos.lif', 'a.tif')
    """
    found = _SCENE.fullmatch(path.name)
    return path.with_name(found[1]) if found else path


def scene_of(path: Path) -> int | None:
    """Which scene of a file a path is, counted from 1, by its name alone; None where it names none.

    >>> scene_of(Path("embryos.lif:2")), scene_of(Path("embryos.lif"))
    (2, None)
    """
    found = _SCENE.fullmatch(path.name)
    return int(found[2]) if found else None


def home(path: Path) -> Path:
    """The folder that a file lies in, or the OME-Zarr that an image is inside of."""
    return (zarr_of(path) or path).parent


def called(path: Path) -> str:
    """What a file is called in its folder: its name, and inside an OME-Zarr the way from there.

    >>> called(Path("plates/7.ome.zarr/B/03/0")), called(Path("images/a.tif"))
    ('7.ome.zarr/B/03/0', 'a.tif')
    """
    return path.relative_to(home(path)).as_posix()


def ending(path: Path) -> str:
    """The ending of a file's name in lower case, `.nii.gz` in one piece; empty where there is none.

    That of an image inside an OME-Zarr, and of a scene of a file, is the ending of these.

    >>> ending(Path("Scan.1.NII.GZ")), ending(Path("a.ome.tif")), ending(Path("7.ome.zarr/B/03/0"))
    ('.nii.gz', '.tif', '.zarr')
    """
    if zarr_of(path):
        return ZARR
    path = file_of(path)
    return PACKED if path.name[1:].lower().endswith(PACKED) else path.suffix.lower()


def stem(path: Path) -> str:
    """A file's name without its ending, and without the `.ome` that announces OME-TIFF.

    Inside an OME-Zarr, fields and series follow it, written as microscopes do; labels are called like their image. In a
    file of several scenes the number of the scene follows.

    >>> stem(Path("Scan.1.nii.gz")), stem(Path("a.ome.tif"))
    ('Scan.1', 'a')
    >>> stem(Path("7.ome.zarr/B/03/0")), stem(Path("a.zarr/2")), stem(Path("a.zarr/labels/nuclei"))
    ('7_B03_f0', 'a_series2', 'a')
    >>> stem(Path("embryos.lif:2")), stem(Path("embryos.lif"))
    ('embryos_scene2', 'embryos')
    """
    if (scene := scene_of(path)) is not None:
        return f"{stem(file_of(path))}_scene{scene}"
    whole = zarr_of(path) or path
    name = whole.name[: len(whole.name) - len(ending(whole))]
    name = name[:-4] if name[1:].lower().endswith(".ome") else name
    return "_".join([name, *_inside(path.relative_to(whole).parts)])


def _inside(way: tuple[str, ...]) -> tuple[str, ...]:
    """The way from an OME-Zarr to an image, as names of files have it."""
    if way[-2:-1] == (LABELS,):
        way = way[:-2]
    if len(way) == 3 and re.fullmatch(r"[A-Za-z]+/\d+/\d+", "/".join(way)):
        return f"{way[0]}{way[1]}", f"f{way[2]}"
    return tuple(f"series{each}" if each.isdecimal() else each for each in way)


def plain_stem(path: Path) -> str:
    """The stem, with letters spelled one way whatever the system that wrote them."""
    return unicodedata.normalize("NFC", stem(path))


def stem_in_folders(path: Path, depth: int) -> str:
    """The plain stem with so many of its folders in front, however the system writes paths.

    >>> stem_in_folders(Path("plate/TimePoint_1/a.tif"), 1)
    'TimePoint_1/a'
    """
    folders = home(path.absolute()).parts[-depth:] if depth else ()
    return "/".join([*(unicodedata.normalize("NFC", folder) for folder in folders), plain_stem(path)])


def told_apart(files: Sequence[Path]) -> dict[Path, str]:
    """What each file is called among others: its name, and where names clash, all with their nearest folders.

    Files of one folder are called by their names alone. Of several folders, all get as many folders as it takes to
    tell every file from every other. An OME-Zarr is no such folder.

    >>> list(told_apart([Path("a/masks/t1.tif"), Path("b/masks/t1.tif"), Path("b/masks/t2.tif")]).values())
    ['a/masks/t1.tif', 'b/masks/t1.tif', 'b/masks/t2.tif']
    """
    parts = {file: (*home(file.absolute()).parts, called(file)) for file in files}
    different = len(set(parts.values()))
    deepest = max(map(len, parts.values()), default=1)
    tails = ({file: each[-depth:] for file, each in parts.items()} for depth in range(1, deepest + 1))
    shortest = next((tail for tail in tails if len(set(tail.values())) == different), {})
    return {file: "/".join(tail) for file, tail in shortest.items()}


def last_number(stem: str) -> tuple[str, int, str]:
    """What stands before the last number of a name, the number, and what stands behind it; without any, 0.

    >>> last_number("pos2_t012_seg")
    ('pos2_t', 12, '_seg')
    """
    found = re.fullmatch(r"(.*?)(\d+)(\D*)", stem, flags=re.DOTALL)
    return (found[1], int(found[2]), found[3]) if found else (stem, 0, "")
