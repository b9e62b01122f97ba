"""Which mask belongs to which image, by their names.

Matching never guesses: a name that could belong to two files belongs to none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from morula.images.names import plain_stem

MASK_WORDS = (
    "masks?|cp[ _.-]masks?|gt|ground[ _.-]?truth|truth|man[ _.-]seg|man[ _.-]track|seg|segmentation|segmented"
    "|labels?|annotations?|annotated|manual|binary|outlines?|target"
)
IMAGE_WORDS = "images?|im|img|raw|gray|grey|input|photo|picture|original|orig"


@dataclass(frozen=True)
class Matching:
    """Which files belong together by their names.

    Attributes:
        pairs: image and mask files, in the order of the images.
        images_without_mask: images that no mask was made for.
        masks_without_image: masks whose image is missing.
        ambiguous: sets of files that fit each other in more than one way, and so are in no pair.
        rule: how the names fitted, in words.
    """

    pairs: tuple[tuple[Path, Path], ...]
    images_without_mask: tuple[Path, ...]
    masks_without_image: tuple[Path, ...]
    ambiguous: tuple[tuple[Path, ...], ...]
    rule: str


def pair_files(images: Sequence[Path], masks: Sequence[Path]) -> Matching:
    """Match images with masks by their names, by the one rule that matches most of them.

    The rules, the first of equals wins: the same stem (`a.tif`, `a.png`); the same stem once a word such as
    `mask`, `GT` or `seg` is taken away (`x.tif`, `x_mask.tif`); the same number at the end, where all
    images share what stands before it and so do all masks (`t012.tif`, `man_seg012.tif`); one image and
    one mask alone. Where both come from the same folder, a file with such a word in its name is a mask.
    """
    shared = set(images) & set(masks)
    if shared:
        marked = {file for file in shared if _without(MASK_WORDS, plain_stem(file)) != plain_stem(file)}
        images = [file for file in images if file not in marked]
        masks = [file for file in masks if file in marked or file not in shared]
    rules: list[tuple[str, _Keys, _Keys]] = [
        ("the same name", _same_stem, _same_stem),
        ("the same name beside a word such as mask", _beside(IMAGE_WORDS), _beside(MASK_WORDS)),
        ("the same number at the end of the name", _last_number, _last_number),
        ("the only image and the only mask", _alone, _alone),
    ]
    matchings = [_match(images, masks, *rule) for rule in rules]
    most = max(matchings, key=lambda matching: len(matching.pairs))  # the first of equals
    return most if most.pairs else max(matchings, key=lambda matching: len(matching.ambiguous))


def nothing_fits(images: Sequence[Path], masks: Sequence[Path], called: tuple[str, str] = ("images", "masks")) -> str:
    """Why there is no pair of these files, in words.

    Args:
        images: at least one.
        masks: at least one.
        called: what both are called.
    """
    one, other = called
    if set(images) == set(masks):
        return f"The {one} and the {other} are the same files ({images[0].name}, …). Give a folder of each."
    for files, word in ((images, one), (masks, other)):
        by_name: dict[str, Path] = {}
        for file in files:
            first = by_name.setdefault(plain_stem(file).casefold(), file)
            if first != file:
                return (f"Several {word} have the same name, such as {first} and {file}, so that no names say which of "
                        f"the {one} and {other} belong together. Give those of one folder at a time.")
    return (f"None of the {len(images)} {one} ({images[0].name}, …) fits one of the {len(masks)} {other} "
            f"({masks[0].name}, …) by name. Give them the same names.")


_Keys = Callable[[Sequence[Path]], list[Hashable]]
"""One key for each file, None where the rule does not fit the file."""


def _match(
    images: Sequence[Path], masks: Sequence[Path], rule: str, image_keys: _Keys, mask_keys: _Keys
) -> Matching:
    by_key: dict[Hashable, tuple[list[Path], list[Path]]] = defaultdict(lambda: ([], []))
    for side, (files, keys) in enumerate(((images, image_keys), (masks, mask_keys))):
        for file, key in zip(files, keys(files), strict=True):
            by_key[(key,) if key is not None else file][side].append(file)
    pairs, alone, orphans, ambiguous = [], [], [], []
    for ours, theirs in by_key.values():
        if len(ours) == len(theirs) == 1:
            pairs.append((ours[0], theirs[0]))
        elif ours and theirs:
            ambiguous.append((*ours, *theirs))
        else:
            alone += ours
            orphans += theirs
    return Matching(tuple(pairs), tuple(alone), tuple(orphans), tuple(ambiguous), rule)


def _same_stem(files: Sequence[Path]) -> list[Hashable]:
    return [plain_stem(file).casefold() for file in files]


def _beside(words: str) -> _Keys:
    return lambda files: [_without(words, plain_stem(file)).casefold() for file in files]


def _without(words: str, stem: str) -> str:
    """The stem without such words at its ends, and `stem` itself where nothing would be left."""
    letter = r"[^\W\d_]"
    rest = re.sub(rf"^(?:(?:{words})(?!{letter})[ _.-]*)+", "", stem, flags=re.IGNORECASE)
    rest = re.sub(rf"(?:[ _.-]*(?<!{letter})(?:{words}))+$", "", rest, flags=re.IGNORECASE)
    return rest or stem


def _last_number(files: Sequence[Path]) -> list[Hashable]:
    parts = [re.fullmatch(r"(.*?)(\d+)", plain_stem(file), flags=re.DOTALL) for file in files]
    beginnings = Counter(part[1].casefold() for part in parts if part)
    if len(beginnings) != 1:
        return [None] * len(files)
    return [int(part[2]) if part else None for part in parts]


def _alone(files: Sequence[Path]) -> list[Hashable]:
    return [len(files) == 1 or None for _ in files]
