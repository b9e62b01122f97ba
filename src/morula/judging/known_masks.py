"""Looks at masks whose truth is known: of held-out frames as they are, and of the same spoiled on purpose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from math import prod
from pathlib import Path

import numpy as np

from morula.examples.example import Example, Piece
from morula.files import read_arrays, whole_file
from morula.judging.alterations import altered, kinds
from morula.models.model import Model
from morula.models.sweep import filled_up
from morula.objects.classes import most_probable
from morula.objects.tidying import tidied
from morula.pairs.spread import evenly
from morula.progress import Progress, silent
from morula.trust.signals import BINS, Tally
from morula.trust.views import Views

PIXELS, SPOILED_PIXELS = 2**18, 2**15
"""Pixels of a frame that are looked at, at most, as it is and spoiled."""
SPOILED_VIEWS = 2
"""Views of a spoiled frame, of which one shows as well as more whether it agrees with the first."""
KNOWN = 64
"""Training frames that are looked at, at most, and half as many as there are spoiled ones."""
FEW = 4
"""Where fewer frames are held out, some that were learned from are judged too, which flatters."""
MOST, LEAST = 128, 24
"""Spoiled frames that are looked at, at most and at least."""
SHARE = 0.1
"""Pixels of spoiled frames, as a share of those that were learned from: some hundredths of the time of a training."""


@dataclass(frozen=True)
class Look:
    """A frame that was segmented, and how good its mask is.

    Attributes:
        frame: its number, the same for all that was made of it.
        group: what it belongs to, such as a movie; frames of one group are alike.
        kind: in which way it was spoiled; empty where it is as it was.
        trained: whether the network learned from it.
        tally: what there is to see.
        ious: of each class, `(classes,)`; not a number where neither the truth nor the mask has any.
        lacking: the classes that the truth lacks, bool `(classes,)`.
        right: annotated pixels by the probability of a class that they do not belong to and that they do, `(2, BINS)`.
    """

    frame: int
    group: str
    kind: str
    trained: bool
    tally: Tally
    ious: np.ndarray
    lacking: np.ndarray
    right: np.ndarray


def looks(
    model: Model,
    training: Sequence[Example],
    validation: Sequence[Example],
    groups: Mapping[str, str],
    learned: int,
    progress: Progress = silent,
) -> Iterator[Look]:
    """Held-out frames and some that were learned from, and of each held-out one what became of it spoiled.

    Args:
        model: trained.
        training: what it learned from.
        validation: what it did not.
        groups: of the frames, by their names.
        learned: pixels that it learned from in all its steps; the more, the more is looked at.
        progress: called with frames done, frames in all, and words.
    """
    rng, ways = np.random.default_rng(0), kinds(len(model.plan.channels))
    size = np.mean([min(prod(example.shape[1:]), SPOILED_PIXELS) for example in validation or training])
    spoiled = int(np.clip(SHARE * learned / size, LEAST, MOST))
    count = min(KNOWN, spoiled // 2, len(training))
    frames = [*validation, *_some(training, count, model.plan.repeated)]
    judged = max(len(validation), min(FEW, len(frames)))
    # All ways in turn, from frame to frame, so that each comes up as often.
    turns = np.array_split(np.arange(spoiled), judged)
    for number, example in enumerate(frames):
        whole, part = (example.cut(example.places.window(example.shape[1:], most)) for most in (PIXELS, SPOILED_PIXELS))
        trained = number >= len(validation)
        progress(number, len(frames), "learning how good masks are")
        group = groups[example.name]
        yield look_at(model, whole, number, group, trained=trained, views=None if number < judged else 1)
        for turn in turns[number] if number < judged else ():
            kind = ways[turn % len(ways)]
            spoiled_part = altered(part, kind, rng.uniform(), rng, model.plan.intensity)
            yield look_at(model, spoiled_part, number, group, kind, trained=trained, views=SPOILED_VIEWS)


def known_looks(model: Model, training: Sequence[Example], groups: Mapping[str, str]) -> Iterator[Look]:
    """What a model sees of some frames that it learned from, as they are.

    Args:
        model: trained.
        training: what it learned from.
        groups: of the frames, by their names.
    """
    for number, example in enumerate(_some(training, KNOWN, model.plan.repeated)):
        whole = example.cut(example.places.window(example.shape[1:], PIXELS))
        yield look_at(model, whole, number, groups[example.name], trained=True, views=1)


def _some(training: Sequence[Example], count: int, rare: Collection[str]) -> list[Example]:
    """At most so many frames: all of a rare kind, lest they be called unlike what was learned, and others evenly."""
    first = evenly([example for example in training if example.name in rare], count)
    return [*first, *evenly([example for example in training if example.name not in rare], count - len(first))]


def look_at(
    model: Model,
    piece: Piece,
    frame: int = 0,
    group: str = "",
    kind: str = "",
    *,
    trained: bool = False,
    views: int | None = None,
) -> Look:
    """Segment a prepared frame and compare its mask with the truth.

    Args:
        model: segments it.
        piece: the frame or a part of it.
        frame: as in `Look`, like `group`, `kind` and `trained`.
        views: how many mirror images are segmented at most, the frame itself counted.
    """
    own = tuple(slice(0, length) for length in piece.image.shape[1:])
    answers = islice(model.engine.views(filled_up(piece.image, model.engine.multiple)), views)
    seen = Views((answer[0] for answer in answers), model.engine.classes)
    classes = len(model.plan.classes)
    tally = Tally.empty(classes, len(piece.image))
    tally.look(piece.image, seen, own)
    probabilities = seen.mean[(slice(seen.classes), *own)]
    plan = model.plan
    mask = np.asarray(
        tidied(most_probable(probabilities), plan.specks, alone=plan.main_object, unit=prod(plan.binning)))
    truth, annotated = piece.truth, piece.shares.max(0) > 0
    ious, lacking, right = np.full(classes, np.nan), np.zeros(classes, bool), np.zeros((2, BINS))
    for place, number in enumerate(range(1, classes + 1)):
        real, found = truth == number, (mask == number) & annotated
        either = np.count_nonzero(real | found)
        if either:
            ious[place] = np.count_nonzero(real & found) / either
        lacking[place] = not real.any()
        steps = (probabilities[number] * np.float32(BINS - 0.01)).astype(np.uint8)
        right += [np.bincount(steps[each], minlength=BINS) for each in (annotated & ~real, real)]
    return Look(frame, group, kind, trained, tally, ious, lacking, right)


def write_looks(path: Path, several: Iterable[Look]) -> None:
    """Keep looks of one model in a .npz file, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    rows = [vars(look) | vars(look.tally) for look in several]
    arrays = {name: np.array([row[name] for row in rows]) for name in rows[0] if name != "tally"}
    with whole_file(path) as temporary:
        np.savez(temporary, **arrays)  # type: ignore[arg-type]


def read_looks(path: Path) -> tuple[Look, ...]:
    """What `write_looks` kept.

    Raises:
        ValueError: it is damaged.
        KeyError: something is missing.
        OSError: it cannot be read.
    """
    columns = read_arrays(path)
    several = []
    for row in zip(*columns.values(), strict=True):
        values = {name: value.item() if value.ndim == 0 else value for name, value in zip(columns, row, strict=True)}
        tally = Tally(**{field.name: values.pop(field.name) for field in fields(Tally)})
        several.append(Look(tally=tally, **values))
    return tuple(several)
