"""Which mask belongs to which image, which pairs belong together, and which of them validate.

    names ──pair_files──▶ Matching ──open──▶ Pair (group) ──▶ Frame ──split──▶ training | validation

Matching looks at names only and never guesses: a name that could belong to two files belongs to none.
"""

from __future__ import annotations

import filecmp
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.errors import RequestError
from morula.images.image import Image
from morula.images.names import stem

MOST_VALIDATION_FRAMES = 40

MASK_WORDS = (
    "masks?|cp[ _.-]masks?|gt|ground[ _.-]?truth|truth|man[ _.-]seg|man[ _.-]track|seg|segmentation|segmented"
    "|labels?|annotations?|annotated|manual|binary|outlines?|target"
)
IMAGE_WORDS = "images?|im|img|raw|gray|grey|input|photo|picture|original|orig"
COUNTERS = "timepoint|time|tp|t|frame|slice|z"


@dataclass(frozen=True)
class Pair:
    """An image and its mask, a file each; a movie pairs frame by frame.

    Pairs of one `group` are never split between training and validation.
    """

    image: Image
    mask: Image
    group: str


@dataclass(frozen=True)
class Frame:
    """One moment of a pair."""

    pair: Pair
    index: int

    @property
    def name(self) -> str:
        """`cell_01` where the file holds one frame, `movie[12]` where it holds more."""
        name = self.pair.image.name
        return name if self.pair.image.frames == 1 else f"{name}[{self.index}]"

    @property
    def group(self) -> str:
        return self.pair.group


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


@dataclass(frozen=True)
class Pairing:
    """The pairs of a data set, and the files that are in none."""

    pairs: tuple[Pair, ...]
    images_without_mask: tuple[Path, ...]
    masks_without_image: tuple[Path, ...]
    rule: str


@dataclass(frozen=True)
class Split:
    """Which frames train and which validate, and why in one sentence."""

    training: tuple[Frame, ...]
    validation: tuple[Frame, ...]
    sentence: str

    @property
    def by_group(self) -> bool:
        """Whether some frames validate, and none of them shares a group with one that trains."""
        trained = {frame.group for frame in self.training}
        return bool(self.validation) and not any(frame.group in trained for frame in self.validation)


@dataclass(frozen=True)
class Past:
    """What an earlier model knows.

    Attributes:
        training: names of the frames it learned from.
        validation: names of the frames it was judged by, and the image file of each.
    """

    training: frozenset[str]
    validation: Mapping[str, Path]


NO_PAST = Past(frozenset(), {})


def pair_files(images: Sequence[Path], masks: Sequence[Path]) -> Matching:
    """Match images with masks by their names, by the one rule that matches most of them.

    The rules, the first of equals wins: the same stem (`a.tif`, `a.png`); the same stem once a word such as
    `mask`, `GT` or `seg` is taken away (`x.tif`, `x_mask.tif`); the same number at the end, where all
    images share what stands before it and so do all masks (`t012.tif`, `man_seg012.tif`); one image and
    one mask alone. Where both come from the same folder, a file with such a word in its name is a mask.
    """
    shared = set(images) & set(masks)
    if shared:
        marked = {file for file in shared if _without(MASK_WORDS, _stem(file)) != _stem(file)}
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


def group_of(path: Path, frames: int = 1) -> str:
    """The group that a file's name speaks of: the name without its counter of time or depth.

    `movie03_t012.tif` is of the group `movie03`; `t012.tif` of its folder's; a movie is a group of its own.
    """
    stem = _stem(path)
    if frames > 1:
        return stem
    counter = rf"(?:(?:^|[ _.-]+)(?:{COUNTERS})|[ _.-]+s)[ _-]?\d+"  # s01.tif alone is rather a sample
    group = re.sub(rf"(?:{counter})+$", "", stem, flags=re.IGNORECASE)
    return group or path.parent.name


def group_by(pattern: str, paths: Sequence[Path]) -> dict[Path, str]:
    """The group of each file: the first bracket of `pattern` in its name, or all that matches.

    Files whose names do not match are groups of their own.

    Raises:
        RequestError: the pattern is no regular expression, or fits no name.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise RequestError(f"--groups {pattern!r} is not a regular expression: {error}.") from error
    found = {path: expression.search(path.name) for path in paths}
    if not any(found.values()):
        example = f", such as {paths[0].name}" if paths else ""
        raise RequestError(f"--groups {pattern!r} fits none of the {len(paths)} image names{example}.")
    return {
        path: (match[1] if expression.groups and match[1] is not None else match[0]) if match else _stem(path)
        for path, match in found.items()
    }


def split(
    frames: Sequence[Frame],
    *,
    share: float = 0.1,
    seed: int = 0,
    rare: Collection[str] = frozenset(),
    past: Past = NO_PAST,
) -> Split:
    """Set aside about `share` of the frames, in whole groups, for validation.

    Files numbered without a gap are often slices or moments of one thing: there the last ones in a row
    validate, since a neighbour in the training would flatter the score. Otherwise `seed` chooses the groups,
    but not among those that are `rare`: a network that has never seen their kind could not outline it.

    What validated an earlier model, as `past` says, validates again, with its group where none of it trained.

    Raises:
        RequestError: nothing would be left to train on.
    """
    groups: dict[str, list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[frame.group].append(frame)
    if not frames:
        return Split((), (), "nothing to split")
    again = _judged_before(frames, past)
    if len(again) == len(frames):
        raise RequestError("All frames validated the earlier model, and none of them may train: it could not be "
                           "compared with the new one any more. Add others, or leave out --init.")
    if len(frames) == 1:
        return Split(
            tuple(frames), (), "the only frame trains and none validates, so no honest score is possible"
        )
    also = f"; {len(again)} of them as for the earlier model" if again else ""
    wanted = min(max(1, round(share * len(frames))), MOST_VALIDATION_FRAMES)
    last = again | set(range(len(frames) - wanted, len(frames)))
    if len(groups) == 1:
        return _set_apart(frames, last, f"the last of the only group, {frames[0].group}; scores will flatter{also}")
    if len(groups) == len(frames) and _is_gapless([frame.pair.image.name for frame in frames]):
        why = "the last in a row, since names numbered without a gap are often slices or moments of one thing"
        return _set_apart(frames, last, why + also)
    taken = {frames[index].group for index in again}
    chosen: set[str] = set()
    room = wanted - len(again)
    for group in np.random.default_rng(seed).permutation(sorted(groups)).tolist():
        if len(groups[group]) <= room and group not in rare and group not in taken:
            chosen.add(group)
            room -= len(groups[group])
    if not chosen and not again:
        chosen = {min(groups, key=lambda group: len(groups[group]))}
    why = f"{len(chosen | taken)} of {len(groups)} groups, chosen by seed {seed}{also}"
    if kept := set(groups) & set(rare) - chosen - taken:
        verb = "does" if len(kept) == 1 else "do"
        why += f"; {len(kept)} unlike the rest {verb} not validate, and the score says nothing about such images"
    return _set_apart(frames, again | {i for i, frame in enumerate(frames) if frame.group in chosen}, why)


def _judged_before(frames: Sequence[Frame], past: Past) -> set[int]:
    """The frames that an earlier model was judged by, with their whole groups where none of these trained it."""
    validated = {index for index, frame in enumerate(frames)
                 if _are_equal(frame.pair.image.path, past.validation.get(frame.name))}
    trained = {frame.group for frame in frames if frame.name in past.training}
    groups = {frames[index].group for index in validated} - trained
    return validated | {index for index, frame in enumerate(frames) if frame.group in groups}


def _are_equal(file: Path | None, known: Path | None) -> bool:
    """Whether a file is the one that is known, or a copy of it: names alone repeat from folder to folder."""
    return bool(file and known and known.exists() and filecmp.cmp(file, known))


def _set_apart(frames: Sequence[Frame], apart: Collection[int], why: str) -> Split:
    """Train on all frames but those `apart`, and validate on so many of these as are quickly seen."""
    held = sorted(apart)
    steps = np.linspace(0, len(held) - 1, min(len(held), MOST_VALIDATION_FRAMES)).round().astype(int)
    validation = tuple(frames[held[step]] for step in steps)
    training = tuple(frame for index, frame in enumerate(frames) if index not in apart)
    if len(validation) < len(apart):
        why += f"; {len(apart) - len(validation)} more frames of these groups are left out"
    verb = "validates" if len(validation) == 1 else "validate"
    return Split(training, validation, f"{len(training)} train and {len(validation)} {verb}: {why}")


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


def _stem(path: Path) -> str:
    """The name without its ending, spelled one way whatever the system that wrote it."""
    return unicodedata.normalize("NFC", stem(path))


def _same_stem(files: Sequence[Path]) -> list[Hashable]:
    return [_stem(file).casefold() for file in files]


def _beside(words: str) -> _Keys:
    return lambda files: [_without(words, _stem(file)).casefold() for file in files]


def _without(words: str, stem: str) -> str:
    """The stem without such words at its ends, and `stem` itself where nothing would be left."""
    letter = r"[^\W\d_]"
    rest = re.sub(rf"^(?:(?:{words})(?!{letter})[ _.-]*)+", "", stem, flags=re.IGNORECASE)
    rest = re.sub(rf"(?:[ _.-]*(?<!{letter})(?:{words}))+$", "", rest, flags=re.IGNORECASE)
    return rest or stem


def _last_number(files: Sequence[Path]) -> list[Hashable]:
    parts = [re.fullmatch(r"(.*?)(\d+)", _stem(file), flags=re.DOTALL) for file in files]
    beginnings = Counter(part[1].casefold() for part in parts if part)
    if len(beginnings) != 1:
        return [None] * len(files)
    return [int(part[2]) if part else None for part in parts]


def _alone(files: Sequence[Path]) -> list[Hashable]:
    return [len(files) == 1 or None for _ in files]


def _is_gapless(names: Sequence[str]) -> bool:
    """Whether names differ only in a number at their end that counts up by one."""
    parts = [re.fullmatch(r"(.*?)(\d+)", name) for name in names]
    if not all(parts) or len({part[1] for part in parts if part}) > 1:
        return False
    numbers = [int(part[2]) for part in parts if part]
    return len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
