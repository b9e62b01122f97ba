"""Which frames train and which validate: whole groups, and never what validated an earlier model."""

from __future__ import annotations

import filecmp
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from morula.errors import RequestError
from morula.names.endings import file_of, scene_of
from morula.pairs.pair import Frame

MOST_VALIDATION_FRAMES = 40
FEW = 5
"""Of so few frames none is held out from the model: each is left out of a training of its own instead."""
OFTEN_ONE = "names numbered without a gap are often slices or moments of one thing"
"""Why the last of them validate, and parts in a row count as one each."""
QUARTERS = 4
"""Parts of the training groups, of which a learning curve takes one, two and all."""


@dataclass(frozen=True)
class Split:
    """Which frames train and which validate, and why in one sentence.

    Attributes:
        training: frames to learn from.
        validation: others.
        sentence: how many there are of each, and why these.
        in_a_row: those that validate lie in a row, beside others that train: frames of one movie, or files numbered
            without a gap. They are alike, and count as one.
    """

    training: tuple[Frame, ...]
    validation: tuple[Frame, ...]
    sentence: str
    in_a_row: bool = False

    @property
    def by_group(self) -> bool:
        """Whether some frames validate, and none of them belongs together with one that trains."""
        trained = {frame.group for frame in self.training}
        apart = not self.in_a_row and not any(frame.group in trained for frame in self.validation)
        return bool(self.validation) and apart

    def unit(self, frame: Frame) -> str:
        """What a frame counts as one with: its group, or the whole row, named after those of it that validate."""
        if not self.in_a_row:
            return frame.group
        first, last = self.validation[0].name, self.validation[-1].name
        return first if first == last else f"{first} to {last}"


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


def split(
    frames: Sequence[Frame],
    *,
    share: float = 0.1,
    seed: int = 0,
    rare: Collection[str] = frozenset(),
    past: Past = NO_PAST,
    told: bool = False,
) -> Split:
    """Set aside about `share` of the frames, in whole groups, for validation.

    Files numbered without a gap are often slices or moments of one thing: there the last ones in a row
    validate, since a neighbour in the training would flatter the score. Otherwise `seed` chooses the groups,
    but not among those that are `rare`: a network that has never seen their kind could not outline it.

    What validated an earlier model, as `past` says, validates again, with its group where none of it trained.
    Otherwise all of up to `FEW` frames train; `folds` leaves each out once.

    Where some frames are partly annotated, the others validate as far as enough of them are left to train.

    Args:
        frames: all there are.
        share: of them that validates.
        seed: chooses.
        rare: groups unlike all others.
        past: what an earlier model knows.
        told: a person said what belongs together, so that numbers in names say nothing.

    Raises:
        RequestError: nothing would be left to train on.
    """
    groups = _grouped(frames)
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
    if len(frames) <= FEW and not again:
        return Split(tuple(frames), (), f"all {len(frames)} train; to score them, each is left out of a training once")
    also = f"; {len(again)} of them as for the earlier model" if again else ""
    wanted = min(max(1, round(share * len(frames))), MOST_VALIDATION_FRAMES)
    last = again | _last(frames, wanted)
    if len(groups) == 1:
        why = f"the last of the only group, {frames[0].group}; scores will flatter{also}"
        return _set_apart(frames, last, why, in_a_row=True)
    if not told and _is_row(groups, frames):
        return _set_apart(frames, last, f"the last in a row, since {OFTEN_ONE}{also}", in_a_row=True)
    taken = {frames[index].group for index in again}
    barred = _not_to_judge(groups, frames)
    chosen = _drawn(groups, wanted - len(again), seed, {*rare, *taken, *barred})
    if not chosen and not again:
        chosen = {min((group for group in groups if group not in barred), key=lambda group: len(groups[group]))}
    why = f"{len(chosen | taken)} of {len(groups)} groups, chosen by seed {seed}{also}"
    if kept := set(groups) & set(rare) - chosen - taken:
        verb = "does" if len(kept) == 1 else "do"
        why += f"; {len(kept)} unlike the rest {verb} not validate, and the score says nothing about such images"
    return _set_apart(frames, again | {i for i, frame in enumerate(frames) if frame.group in chosen}, why)


def folds(
    frames: Sequence[Frame],
    count: int,
    *,
    seed: int = 0,
    shown: Mapping[str, Collection[int]] | None = None,
    told: bool = False,
) -> tuple[Split, ...]:
    """Splits of which each validates another part of the frames, so that every frame validates once.

    The parts are whole groups, of about as many frames each. Where there are no more groups than `count`, each
    group validates alone. Frames of one group, and files numbered without a gap, are cut into parts in a row.

    Args:
        frames: all there are.
        count: how many splits, at most.
        seed: chooses among groups that are alike.
        shown: the classes that each group shows; those of the rarest are spread first, so that every part shows
            them, as far as there are enough groups.
        told: a person said what belongs together, so that numbers in names say nothing.

    Raises:
        RequestError: fewer than two splits were asked for, or there are fewer than two frames.
    """
    if count < 2:
        raise RequestError(f"There must be at least 2 folds, not {count}: each part of the images validates once.")
    if len(frames) < 2:
        raise RequestError("A single frame cannot both train and validate. Add another image with its mask.")
    groups = _grouped(frames)
    in_a_row = len(groups) == 1 or (not told and _is_row(groups, frames))
    if in_a_row:
        parts = [part.tolist() for part in np.array_split(np.arange(len(frames)), min(count, len(frames)))]
        why = (f"parts in a row of the only group, {frames[0].group}; scores will flatter" if len(groups) == 1
               else f"parts in a row, since {OFTEN_ONE}")
    elif len(groups) <= count:
        parts, why = list(groups.values()), "each group validates alone"
    else:
        parts = _dealt(groups, count, seed, shown or {})
        why = f"{len(groups)} groups in {count} parts, dealt by seed {seed}"
    return tuple(_fold(frames, set(part), f"part {number} of {len(parts)}: {why}", in_a_row)
                 for number, part in enumerate(parts, start=1))


def portions(
    frames: Sequence[Frame],
    *,
    seed: int = 0,
    shown: Mapping[str, Collection[int]] | None = None,
    told: bool = False,
) -> tuple[tuple[Frame, ...], ...]:
    """About a quarter and about half of the frames, in whole groups, the quarter being part of the half.

    Args:
        frames: those that train.
        seed: chooses among groups that are alike.
        shown: the classes that each group shows; those of the rarest are spread first.
        told: a person said what belongs together, so that numbers in names say nothing.

    Raises:
        RequestError: there are fewer than four groups, or names numbered without a gap, which count as one.
    """
    groups = _grouped(frames)
    if not told and _is_row(groups, frames):
        raise RequestError(
            f"A learning curve needs at least {QUARTERS} groups that train, and {OFTEN_ONE}, as {frames[0].name} to "
            f"{frames[-1].name}: they count as one group. If each image stands for itself, say so with --groups '.+'; "
            "otherwise leave out --learning-curve.")
    if len(groups) < QUARTERS:
        there = "is 1" if len(groups) == 1 else f"are {len(groups)}"
        raise RequestError(f"A learning curve needs at least {QUARTERS} groups that train, and there {there}. "
                           "Leave out --learning-curve, or annotate images of more groups.")
    parts = _dealt(groups, QUARTERS, seed, shown or {})
    return tuple(tuple(frames[index] for index in sorted(chain(*parts[:count]))) for count in (1, 2))


def _last(frames: Sequence[Frame], wanted: int) -> set[int]:
    """The last frames, so many at most; where some are partly annotated, of the others, and half of them."""
    complete = [index for index, frame in enumerate(frames) if not frame.partly_annotated]
    if len(complete) == 1:  # it alone shows the background
        return set([index for index, frame in enumerate(frames) if frame.partly_annotated][-wanted:])
    if 0 < len(complete) < len(frames):
        return set(complete[-min(wanted, len(complete) // 2) :])
    return set(range(len(frames) - wanted, len(frames)))


def _not_to_judge(groups: Mapping[str, Sequence[int]], frames: Sequence[Frame]) -> set[str]:
    """Groups of which no frame is annotated wholly; where there is one group of others, that, since it must train."""
    wholly = {frame.group for frame in frames if not frame.partly_annotated}
    return wholly if len(wholly) == 1 else set(groups) - wholly if wholly else set()


def _drawn(groups: Mapping[str, Sequence[int]], room: int, seed: int, barred: Collection[str]) -> set[str]:
    """Groups in the order that the seed gives, as long as there is room for their frames; none of those barred."""
    chosen: set[str] = set()
    for group in np.random.default_rng(seed).permutation(sorted(groups)).tolist():
        if len(groups[group]) <= room and group not in barred:
            chosen.add(group)
            room -= len(groups[group])
    return chosen


def _dealt(
    groups: Mapping[str, Sequence[int]], count: int, seed: int, shown: Mapping[str, Collection[int]]
) -> list[list[int]]:
    """Indices of frames in `count` parts: groups with the rarest classes first, then the largest, each to where its
    rarest class shows least, then to where there are the fewest frames."""
    common = Counter(number for group in groups for number in shown.get(group, ()))
    shuffled = np.random.default_rng(seed).permutation(sorted(groups)).tolist()
    chance = {group: place for place, group in enumerate(shuffled)}

    def rarest(group: str) -> int:
        return min(shown.get(group, ()), key=lambda number: (common[number], number), default=0)

    order = sorted(groups, key=lambda group: (common[rarest(group)], -len(groups[group]), chance[group]))
    parts: list[list[int]] = [[] for _ in range(count)]
    classes: list[Counter[int]] = [Counter() for _ in range(count)]
    for group in order:
        part = min(range(count), key=lambda part: (classes[part][rarest(group)], len(parts[part]), part))
        parts[part] += groups[group]
        classes[part].update(shown.get(group, ()))
    return parts


def _grouped(frames: Sequence[Frame]) -> dict[str, list[int]]:
    """The indices of the frames of each group."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, frame in enumerate(frames):
        groups[frame.group].append(index)
    return groups


def _is_row(groups: Mapping[str, Sequence[int]], frames: Sequence[Frame]) -> bool:
    """Whether each frame is a group of its own, and their names are numbered without a gap."""
    return len(groups) == len(frames) and _is_gapless([frame.pair.image.name for frame in frames])


def _fold(frames: Sequence[Frame], held: Collection[int], why: str, in_a_row: bool) -> Split:
    training = tuple(frame for index, frame in enumerate(frames) if index not in held)
    validation = tuple(frame for index, frame in enumerate(frames) if index in held)
    return Split(training, validation, f"{len(training)} train and {_validating(len(validation))}: {why}", in_a_row)


def _judged_before(frames: Sequence[Frame], past: Past) -> set[int]:
    """The frames that an earlier model was judged by, with their whole groups where none of these trained it."""
    validated = {index for index, frame in enumerate(frames)
                 if _are_equal(frame.pair.image.path, past.validation.get(frame.name))}
    trained = {frame.group for frame in frames if frame.name in past.training}
    groups = {frames[index].group for index in validated} - trained
    return validated | {index for index, frame in enumerate(frames) if frame.group in groups}


def _are_equal(file: Path | None, known: Path | None) -> bool:
    """Whether a file is the one that is known, or a copy of it: names alone repeat from folder to folder."""
    if not file or not known or scene_of(file) != scene_of(known):
        return False
    return file_of(known).exists() and filecmp.cmp(file_of(file), file_of(known))


def _set_apart(frames: Sequence[Frame], apart: Collection[int], why: str, *, in_a_row: bool = False) -> Split:
    """Train on all frames but those `apart`, and validate on so many of these as are quickly seen."""
    held = sorted(apart)
    if wholly := [index for index in held if not frames[index].partly_annotated]:
        held = wholly
    steps = np.linspace(0, len(held) - 1, min(len(held), MOST_VALIDATION_FRAMES)).round().astype(int)
    validation = tuple(frames[held[step]] for step in steps)
    training = tuple(frame for index, frame in enumerate(frames) if index not in apart)
    if len(validation) < len(apart):
        why += f"; {len(apart) - len(validation)} more frames of these groups are left out"
    return Split(training, validation, f"{len(training)} train and {_validating(len(validation))}: {why}", in_a_row)


def _validating(count: int) -> str:
    return f"{count} validates" if count == 1 else f"{count} validate"


def _is_gapless(names: Sequence[str]) -> bool:
    """Whether names differ only in a number at their end that counts up by one."""
    parts = [re.fullmatch(r"(.*?)(\d+)", name) for name in names]
    if not all(parts) or len({part[1] for part in parts if part}) > 1:
        return False
    numbers = [int(part[2]) for part in parts if part]
    return len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
