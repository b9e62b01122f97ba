"""Which mask belongs to which image, by their names.

Matching never guesses: a name that could belong to two files belongs to none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from morula.names.endings import FILE_ENDINGS, ZARR, ending, home, plain_stem, zarr_of
from morula.names.endings import stem as without_ending
from morula.pairs.affixes import contradict, without_affixes

MASK_WORDS = (
    "(?:masks?|labels?|segmentation|outlines?)[ _.-]of"
    "|masks?|cp[ _.-]masks?|gt|ground[ _.-]?truth|truth|man[ _.-]seg|man[ _.-]track|seg|simple[ _.-]segmentation"
    "|segmentations?|segmented|labels?|labell?ed|lbls?|instances?|annotations?|annotated|manual|binary|outlines?|target"
    "|preds?|predictions?|predicted"
)
IMAGE_WORDS = "images?|im|img|raw|gray|grey|input|photo|picture|original|orig"
BYPRODUCTS = (
    "probabilities|uncertainty|features|(?:flows|dp|cellprob|outlines)[ _.-]cp[ _.-](?:masks?|output)|flows|dp|cellprob"
)
"""What programs write beside their masks, by the ends of its names."""

BYPRODUCT_ADVICE = ("What programs write beside masks, such as flows and probabilities, is none: give the masks, of "
                    "ilastik the Simple Segmentation.")

BESIDE_MASKS = f"{BYPRODUCTS}|object[ _.-]predictions"
"""What may besides lie in one folder with images and masks."""


@dataclass(frozen=True)
class Matching:
    """Which files belong together by their names.

    Attributes:
        pairs: image and mask files, in the order of the images.
        images_without_mask: images that no mask was made for.
        masks_without_image: masks whose image is missing.
        ambiguous: sets of files that fit each other in more than one way, and so are in no pair.
        rule: how the names fitted, in words.
        set_aside: files that a program wrote beside its masks, and that are none.
    """

    pairs: tuple[tuple[Path, Path], ...]
    images_without_mask: tuple[Path, ...]
    masks_without_image: tuple[Path, ...]
    ambiguous: tuple[tuple[Path, ...], ...]
    rule: str
    set_aside: tuple[Path, ...] = ()


def pair_files(images: Sequence[Path], masks: Sequence[Path]) -> Matching:
    """Match images with masks by their names, by the one rule that matches most of them.

    The rules, the first of equals wins: the same stem (`a.tif`, `a.png`); the same stem once a word such as
    `mask`, `GT` or `seg` is taken away (`x.tif`, `x_mask.tif`); the same stem once the number of the channel is
    (`x_0000.tif`, `x.tif`); the same number at the end, where all images share what stands before it and so do all
    masks (`t012.tif`, `man_seg012.tif`); the same rest once all images go without what they share, and all masks
    (`x_dic.tif`, `x_drawn.tif`); the same name in folders
    of the same names (`t1/x.tif`, `t1/x.png`); one image and one mask alone. Where both come from the same folder, a
    file with such a word in its name is a mask. What programs write beside their masks is set aside.

    Masks in a folder that is named after an image (`x/1.png`, `x/masks/1.png`) show an object each, and the folder is
    the mask.
    """
    images, masks = list(dict.fromkeys(images)), list(dict.fromkeys(masks))
    shared = set(images) & set(masks)
    aside = _beside_masks(images, masks, shared)
    images = [file for file in images if file not in aside]
    masks = [file for file in masks if file not in aside]
    if shared:
        marked = {file for file in shared if is_marked(file)}
        images = [file for file in images if file not in marked]
        masks = [file for file in masks if file in marked or file not in shared]
    folders = _folders_of_objects(images, masks)
    others = [mask for mask in masks if mask.parent not in folders]
    mask_of = {image: folder for folder, image in folders.items()}
    matching = _best_match([image for image in images if image not in mask_of], others)
    if folders:
        mask_of |= dict(matching.pairs)
        pairs = tuple((image, mask_of[image]) for image in images if image in mask_of)
        matching = replace(matching, pairs=pairs, rule="a folder with a mask of each object")
    return replace(matching, set_aside=tuple(sorted(aside)))


def is_marked(file: Path) -> bool:
    """Whether a name has a word that says mask."""
    stem = _without_endings(plain_stem(file))
    return _without(MASK_WORDS, stem) != stem


def hold_both(files: Sequence[Path]) -> bool:
    """Whether files are images with masks beside them that are all called after one, as Cellpose writes them."""
    aside = _beside_masks(files, files, set(files))
    kept = [file for file in files if file not in aside]
    masks = [file for file in kept if is_marked(file)]
    return bool(masks) and {*_beside(MASK_WORDS)(masks)} <= {*_same_stem([file for file in kept if file not in masks])}


def channel_advice(files: Sequence[Path]) -> str:
    """What to do where the files are a mask behind several images, numbered as channels of one (`x_0000`, `x_0001`);
    empty where they are not."""
    names = _channels(files[:-1])
    if len(names) < 2 or None in names or len(set(names)) > 1:
        return ""
    pattern = files[0].with_name(f"*{plain_stem(files[0])[-5:]}{ending(files[0])}")
    return ("The numbers are those of channels. Save all channels of an image as one file, or number those of every "
            f"image alike from 0000 on, or give those of one channel alone by the pattern '{pattern}'.")


def numbered_advice(images: Sequence[Path], masks: Sequence[Path]) -> str:
    """What to do where several masks are numbered behind the name of one image (`x_mask_01`, `x_mask_02`): one for each
    object, or for each frame of a stack; empty where there are none."""
    named = dict(zip(_same_stem(images), images, strict=True))
    found: dict[Path, list[Path]] = defaultdict(list)
    for mask in masks:
        before = re.fullmatch(r"(.*[^\W_])[ _.-]+\d+", plain_stem(mask), re.DOTALL)
        image = named.get(_without(MASK_WORDS, before[1]).casefold()) if before else None
        if image:
            found[image].append(mask)
    image, numbered = max(found.items(), key=lambda each: len(each[1]), default=(None, []))
    if image is None or len(numbered) < 2:
        return ""
    name = without_ending(image)
    return (f"{numbered[0].name} and {numbered[1].name} are numbered behind {image.name}. If they are masks of single "
            f"objects, put those of each image into a folder of its name ({Path('masks', name, numbered[0].name)}); if "
            f"they are masks of single frames, save them as one stack ({Path('masks', name + '.tif')}). Then give the "
            "images, and the folder masks.")


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
    matching = pair_files(images, masks)
    for files in matching.ambiguous:
        if advice := channel_advice(files):
            return f"{', '.join(map(str, files))}: their names fit in more than one way. {advice}"
    if advice := numbered_advice(images, masks):
        return f"None of the {len(masks)} {other} fits one of the {one} by name. {advice}"
    if matching.set_aside:
        return f"{matching.set_aside[0]} fits none of the {one} as a mask. {BYPRODUCT_ADVICE}"
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


def _best_match(images: Sequence[Path], masks: Sequence[Path]) -> Matching:
    """The matching by the rule that matches most; of rules that match none, the one that finds most that is unclear."""
    words = "the same name beside a word such as mask"
    rules: list[tuple[str, _Keys, _Keys]] = [
        ("the same name", _same_stem, _same_stem),
        (words, _beside(IMAGE_WORDS), _beside(MASK_WORDS)),
        (words, _beside(MASK_WORDS), _beside(MASK_WORDS)),
        ("the same name beside the number of a channel", _channels, _same_stem),
    ]
    depth = _clashing_folders(images)
    matchings = [_match(images, masks, rule, ours(images), theirs(masks)) for rule, ours, theirs in rules]
    counts_channels = bool(matchings[-1].pairs or matchings[-1].ambiguous)  # and no images, by its numbers at the end
    if not counts_channels:
        matchings.append(_by_number(images, masks))
        if max(len(matching.pairs) for matching in matchings) < min(len(images), len(masks)):
            matchings += _by_affixes(images, masks)
    if depth:
        rule = "the same name in folders of the same names"
        for ours, theirs in ((_same_stem, _same_stem), (_beside(IMAGE_WORDS), _beside(MASK_WORDS))):
            keys = _in_folders(images, depth, ours), _in_folders(masks, depth, theirs)
            matchings.append(_match(images, masks, rule, *keys))
    matchings.append(_match(images, masks, "the only image and the only mask", _alone(images), _alone(masks)))
    most = max(matchings, key=lambda matching: len(matching.pairs))  # the first of equals
    return most if most.pairs else max(matchings, key=lambda matching: len(matching.ambiguous))


def _match(
    images: Sequence[Path], masks: Sequence[Path], rule: str, image_keys: Sequence[Hashable],
    mask_keys: Sequence[Hashable],
) -> Matching:
    by_key: dict[Hashable, tuple[list[Path], list[Path]]] = defaultdict(lambda: ([], []))
    for side, (files, keys) in enumerate(((images, image_keys), (masks, mask_keys))):
        for file, key in zip(files, keys, strict=True):
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


def _folders_of_objects(images: Sequence[Path], masks: Sequence[Path]) -> dict[Path, Path]:
    """The folders that hold a mask for each object of one image, with that image."""
    names = [{*keys} for keys in zip(_same_stem(images), _beside(IMAGE_WORDS)(images), _beside(MASK_WORDS)(images),
                                     strict=True)]
    often = Counter(name for each in names for name in each)
    owners = {name: image for image, each in zip(images, names, strict=True) for name in each if often[name] == 1}
    folders: dict[Path, list[Path]] = defaultdict(list)
    for mask in masks:
        if not zarr_of(mask):
            folders[mask.parent].append(mask)
    found: dict[Path, Path] = {}
    for folder, files in folders.items():
        above = folder.parent.name if re.fullmatch(MASK_WORDS, folder.name, re.IGNORECASE) else folder.name
        name = unicodedata.normalize("NFC", above).casefold()
        if name in owners and name not in {*_same_stem(files), *_beside(MASK_WORDS)(files)}:
            found[folder] = owners[name]
    return found if len(set(found.values())) == len(found) else {}


def _beside_masks(images: Sequence[Path], masks: Sequence[Path], shared: set[Path]) -> set[Path]:
    """Files named after an image that are neither image nor mask, such as `x_flows.tif` beside `x.tif`."""
    words = BESIDE_MASKS if shared else BYPRODUCTS
    named = {file: re.fullmatch(rf"(.+?)[ _.-]+(?:{words})", plain_stem(file), re.IGNORECASE) for file in masks}
    after = {file: found[1].casefold() for file, found in named.items() if found}
    others = [file for file in images if file not in after]
    taken = {*_same_stem(others), *_beside(IMAGE_WORDS)(others)}
    of_images = {*_same_stem([file for file in images if file not in shared])}
    return {file for file, name in after.items() if name in taken and plain_stem(file).casefold() not in of_images}


def _clashing_folders(files: Sequence[Path]) -> int:
    """How many folders it takes to tell files of one name apart; 0 where they are told apart without or not at all."""
    depths = range(max(len(file.absolute().parts) for file in files) if files else 0)
    return next((depth for depth in depths if len({*_in_folders(files, depth, _same_stem)}) == len(files)), 0)


def _in_folders(files: Sequence[Path], depth: int, keys: _Keys) -> list[Hashable]:
    """Keys with the names of so many folders, those left out that say no more than images or masks."""
    found: list[Hashable] = []
    for file, key in zip(files, keys(files), strict=True):
        names = [unicodedata.normalize("NFC", each).casefold() for each in home(file.absolute()).parts]
        telling = [each for each in names if not re.fullmatch(f"(?:{IMAGE_WORDS}|{MASK_WORDS})s?", each)]
        found.append((*telling[len(telling) - depth :], key) if depth <= len(telling) else None)
    return found


def _same_stem(files: Sequence[Path]) -> list[Hashable]:
    return [plain_stem(file).casefold() for file in files]


def _beside(words: str) -> _Keys:
    return lambda files: [_without(words, _without_endings(plain_stem(file))).casefold() for file in files]


def _without(words: str, stem: str) -> str:
    """The stem without such words at its ends, and `stem` itself where nothing would be left."""
    letter = r"[^\W\d_]"
    rest = re.sub(rf"^(?:(?:{words})(?!{letter})[ _.-]*)+", "", stem, flags=re.IGNORECASE)
    rest = re.sub(rf"(?:[ _.-]*(?<!{letter})(?:{words}))+$", "", rest, flags=re.IGNORECASE)
    return _without_endings(rest) or stem


def _without_endings(stem: str) -> str:
    """The stem of what was the whole name of an image, as in `Mask of x.tif.tif`."""
    file = Path(stem)
    return without_ending(file) if stem and ending(file) in {*FILE_ENDINGS, ZARR} else stem


def _channels(files: Sequence[Path]) -> list[Hashable]:
    """The names without the number of a channel, as nnU-Net wants them."""
    parts = [re.fullmatch(r"(.+)_000\d", plain_stem(file), flags=re.DOTALL) for file in files]
    return [part[1].casefold() if part else None for part in parts]


def _by_number(images: Sequence[Path], masks: Sequence[Path]) -> Matching:
    rule = "the same number at the end of the name"
    (ours, our_keys), (theirs, their_keys) = _last_number(images), _last_number(masks)
    if contradict(ours, theirs):
        our_keys = [None] * len(images)
    return _match(images, masks, rule, our_keys, their_keys)


def _last_number(files: Sequence[Path]) -> tuple[str, list[Hashable]]:
    """What stands before the last number of all names, and that number; no number where names differ before it."""
    parts = [re.fullmatch(r"(.*?)(\d+)", plain_stem(file), flags=re.DOTALL) for file in files]
    beginnings = Counter(part[1].casefold() for part in parts if part)
    if len(beginnings) != 1:
        return "", [None] * len(files)
    return next(part[1] for part in parts if part), [int(part[2]) if part else None for part in parts]


def _by_affixes(images: Sequence[Path], masks: Sequence[Path]) -> list[Matching]:
    found = without_affixes(*([_without_endings(plain_stem(file)) for file in files] for files in (images, masks)))
    if found is None:
        return []
    rule = f"the same name between what all share, {' and '.join(found.words)}"
    return [_match(images, masks, rule, found.images, found.masks)]


def _alone(files: Sequence[Path]) -> list[Hashable]:
    return [len(files) == 1 or None for _ in files]
