"""What is attacked: tiny pieces of daily work, each of which leaves files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import tifffile
import torch

from morula.errors import MorulaError, refusal
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet

MODEL = "tiny.safetensors"
"""Knows nothing, but is quick."""


@dataclass(frozen=True)
class Work:
    """A piece of work in a folder in which `prepare` has put what it needs.

    Attributes:
        begin: does it, and ends the process with a status of its own where it is a command.
        again: does it once more after it was stopped, as its words say how.
        finished: what a second try may say instead, because nothing is left to do.
        share: of the tries; what takes longer is attacked less often.
    """

    begin: Callable[[Path], None]
    again: Callable[[Path], None]
    finished: str = ""
    share: float = 1.0


def prepare(folder: Path) -> None:
    """Put two pictures, a movie, their masks and a model into a folder; what is made of them goes into `out`.

    A project of the studio is begun there, too.
    """
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:48, :48]
    for name, frames in (("a", 1), ("b", 1), ("c", 2)):
        discs = np.stack([(y - 22) ** 2 + (x - 20 - 4 * t) ** 2 < 150 for t in range(frames)]).astype(np.uint8)
        grey = (rng.normal(90, 8, discs.shape) + 70 * discs).astype(np.uint8)
        for kind, values in (("images", grey), ("masks", discs), ("out/images", grey)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(folder / kind / f"{name}.tif", values, imagej=True, metadata={"axes": "TYX"})
    _tiny_model().save(folder / MODEL)


def _tiny_model() -> Model:
    torch.manual_seed(0)
    architecture = Architecture(axes=2, inputs=1, width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                batch=2, learning_rate=0.01)
    return Model(UNet(architecture).eval(), plan, flips=False)


def typed(words: tuple[str, ...], folder: Path) -> None:
    """A command as people type it; `@` stands for the folder."""
    from morula.__main__ import main

    sys.argv = ["morula", *(word.replace("@", str(folder)) for word in words)]
    main()


def _draw(folder: Path) -> None:
    """What the studio does, which says of what fails what a command says."""
    try:
        _draw_in_project(folder)
    except (MorulaError, OSError) as error:
        print(refusal(error) or error)
        sys.exit(2)


def _draw_in_project(folder: Path) -> None:
    """Draw in the studio's project, finish a frame, take a change back, and write the masks."""
    from morula.projects.annotation import Annotation
    from morula.projects.changes import Changes
    from morula.projects.project import Project
    from morula.projects.strokes import Stroke

    project = Project(folder / "out")
    for source in project.sources()[1:]:
        drawn = Annotation(project, source)
        drawn.set_finished(0, False)
        drawn.draw(Stroke(t=0, box=(3, 5, 23, 25), runs=[1, 400]))
        everything = (slice(0, 48), slice(0, 48))
        with Changes(project).noted(source, 0, drawn, everything) as change:
            drawn.clear(0)
        Changes(project).make(source, drawn, change.name, back=True)
        drawn.keep_copy(0)
        drawn.set_finished(0, True)
        drawn.write()
    project.change_settings(project.settings.model_copy(update={"pixel_size": 0.5}))


def _command(words: str, again: str = "", finished: str = "", share: float = 1.0) -> Work:
    """A command, and what is added to go on with it."""
    return Work(partial(typed, tuple(words.split())), partial(typed, (*words.split(), *again.split())), finished, share)


WORKS = {
    "draw": Work(_draw, _draw),
    "measure": _command("measure @/masks/[ab].tif --images @/images/[ab].tif --out @/out/t.csv --rois @/out/rois "
                        "--coco @/out/all.json --geojson @/out/geojson --labelme @/out/labelme"),
    "convert": _command("convert @/images/c.tif --out @/out/zarr", "--overwrite", share=0.3),
    "segment": _command(f"segment @/{MODEL} @/images --out @/out --doubt --no-flips"),
    "export": _command(f"export @/{MODEL} --out @/out/m.onnx", "--overwrite", share=0.3),
    "train": _command("train @ --out @/out/m.safetensors --steps 2 --quick --width 4 --depth 2", "--resume",
                      "is finished", share=0.1),
}
"""By name, the quickest first."""
