"""Makes the start from nothing: things of many kinds are drawn, and a network of each plan learns to tell them apart.

    python pretraining/start.py [NETWORK ...] [--work pretraining/made/start]

What is drawn, and how far each training is, lies in the folder for the work: begun again, it goes on. What a network
has learned is written to where trainings find it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from morula.checks.data_settings import DataSettings
from morula.drawings.drawn import Drawing, save_drawings
from morula.examples.prepared import prepared
from morula.learning.lesson import prepare_lesson
from morula.learning.loop import Course, fit
from morula.models.builtin import ENDING
from morula.models.start import STARTS, Start
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.specimens.kinds import KINDS, draw_specimen
from morula.specimens.solids import SOLIDS, draw_volume
from morula.worlds.fields import STYLES, draw_field

SIDE, EDGE = 192, 64
"""Pixels of a side of a picture, and voxels of an edge of a volume."""


@dataclass(frozen=True)
class Recipe:
    """What a file is made from.

    Attributes:
        draw: draws what is learned from, by its number.
        count: how much is drawn.
        network: what is not left to the plan.
        steps: of learning.
    """

    draw: Callable[[int], Drawing]
    count: int
    network: NetworkSettings
    steps: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=list(RECIPES))
    parser.add_argument("--steps", type=int, help="other than the recipe says, to try what is worth drawing")
    parser.add_argument("--work", type=Path, default=Path(__file__).with_name("made") / "start")
    options = parser.parse_args()
    for name in options.networks:
        recipe = RECIPES[name]
        drawn = options.work / recipe.draw.__name__
        if not (drawn / "images").is_dir():
            save_drawings(_all(recipe), drawn, total=recipe.count, progress=_say)
        _learn(name, drawn, options.steps or recipe.steps, options.work)


def _all(recipe: Recipe) -> Iterator[Drawing]:
    """What is learned from, drawn by all processors."""
    with ProcessPoolExecutor() as processes:
        yield from processes.map(recipe.draw, range(recipe.count), chunksize=16)


def picture(number: int) -> Drawing:
    """Things of a kind, and every so often a field of aggregates, each with a number of its own."""
    names = [*KINDS, None]
    if kind := names[number % len(names)]:
        return draw_specimen(kind, 0, number, SIDE)
    field = draw_field(list(STYLES)[number // len(names) % len(STYLES)], 0, number, SIDE)
    numbers = np.zeros(field.mask.shape, np.int32)
    ndimage.label(field.mask == 1, output=numbers)
    return replace(field, image=np.repeat(field.image[..., None], 3, axis=2), mask=numbers, axes="YXC")


def volume(number: int) -> Drawing:
    """A volume of a kind; how far its planes lie apart is left out, so that the network treats all axes alike."""
    kind = list(SOLIDS)[number % len(SOLIDS)]
    return replace(draw_volume(kind, 0, number, (EDGE, EDGE, EDGE)), pixel_size=(1.0, 1.0, 1.0))


def _learn(name: str, drawn: Path, steps: int, work: Path) -> None:
    """Train a network on all pictures, and write what it has learned."""
    settings = TrainSettings(steps=steps, objects=True, from_nothing=True)
    lesson = prepare_lesson(drawn / "images", drawn / "masks", settings, DataSettings(), RECIPES[name].network, _say)
    beside = work / name
    with prepared(lesson.frames, lesson.data, lesson.reading, lesson.plan, keep=drawn / "prepared", beside=beside,
                  progress=_say) as examples:
        course = Course(lesson.plan, settings, examples.of(lesson.split.training), examples.of(lesson.split.validation),
                        checkpoint=beside.with_suffix(".checkpoint"), log=beside.with_suffix(".log"), progress=_say)
        trained = fit(course)
    record = {"count": len(lesson.frames), "steps": trained.step, "validations": trained.validations[-1:]}
    Start.of(lesson.plan.architecture, trained.network.state_dict(), record).save(STARTS / f"{name}{ENDING}")


def _say(done: int, total: int, words: str) -> None:
    sys.stderr.write(f"\r{done} of {total} {words[:100]:100}")


RECIPES = {
    "plane": Recipe(picture, 4400, NetworkSettings(stem=2), 6000),
    "fine plane": Recipe(picture, 4400, NetworkSettings(stem=1), 4000),
    "volume": Recipe(volume, 700, NetworkSettings(stem=2), 3000),
}
"""What the distributed files are made from."""


if __name__ == "__main__":
    main()
