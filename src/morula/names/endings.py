"""The endings of image files, and what is left of a name without them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

PACKED = ".nii.gz"
NIFTI_ENDINGS = frozenset({".nii", PACKED})
TIFF_ENDINGS = frozenset({".tif", ".tiff"})

IMAGE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".npy"}) | TIFF_ENDINGS | NIFTI_ENDINGS
"""The endings of files that can be opened, in lower case."""


def ending(path: Path) -> str:
    """The ending of a file's name in lower case, `.nii.gz` in one piece; empty where there is none.

    >>> ending(Path("Scan.1.NII.GZ")), ending(Path("a.ome.tif"))
    ('.nii.gz', '.tif')
    """
    return PACKED if path.name[1:].lower().endswith(PACKED) else path.suffix.lower()


def stem(path: Path) -> str:
    """A file's name without its ending, and without the `.ome` that announces OME-TIFF.

    >>> stem(Path("Scan.1.nii.gz")), stem(Path("a.ome.tif"))
    ('Scan.1', 'a')
    """
    name = path.name[: len(path.name) - len(ending(path))]
    return name[:-4] if name[1:].lower().endswith(".ome") else name


def plain_stem(path: Path) -> str:
    """The stem, with letters spelled one way whatever the system that wrote them."""
    return unicodedata.normalize("NFC", stem(path))


def stem_in_folders(path: Path, depth: int) -> str:
    """The plain stem with so many of its folders in front, however the system writes paths.

    >>> stem_in_folders(Path("plate/TimePoint_1/a.tif"), 1)
    'TimePoint_1/a'
    """
    folders = path.absolute().parent.parts[-depth:] if depth else ()
    return "/".join([*(unicodedata.normalize("NFC", folder) for folder in folders), plain_stem(path)])


def told_apart(files: Sequence[Path]) -> dict[Path, str]:
    """What each file is called among others: its name, and where names clash, all with their nearest folders.

    Files of one folder are called by their names alone. Of several folders, all get as many folders as it takes to
    tell every file from every other.

    >>> list(told_apart([Path("a/masks/t1.tif"), Path("b/masks/t1.tif"), Path("b/masks/t2.tif")]).values())
    ['a/masks/t1.tif', 'b/masks/t1.tif', 'b/masks/t2.tif']
    """
    parts = {file: file.absolute().parts for file in files}
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
