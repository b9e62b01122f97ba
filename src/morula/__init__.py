"""Morula: outline what you study.

    import morula
    training = morula.train("images", "masks", minutes=3)
    mask = training.model.segment(array)

The names below load what they need when they are first used, so that `import morula` is quick.
"""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from morula.checks.data_settings import DataSettings as DataSettings
    from morula.errors import MorulaError as MorulaError
    from morula.images.image import Image as Image
    from morula.images.read import open_image as open_image
    from morula.models.model import Model as Model
    from morula.planning.training_settings import TrainSettings as TrainSettings
    from morula.whereabouts import as_path as as_path
    from morula.workflows import check as check
    from morula.workflows import convert as convert
    from morula.workflows import demo as demo
    from morula.workflows import draw as draw
    from morula.workflows import evaluate as evaluate
    from morula.workflows import evaluate_array as evaluate_array
    from morula.workflows import export as export
    from morula.workflows import info as info
    from morula.workflows import measure as measure
    from morula.workflows import measure_array as measure_array
    from morula.workflows import plot as plot
    from morula.workflows import proofread as proofread
    from morula.workflows import report as report
    from morula.workflows import segment as segment
    from morula.workflows import segment_array as segment_array
    from morula.workflows import suggest as suggest
    from morula.workflows import track as track
    from morula.workflows import train as train

    load = Model.load

HOMES = {
    "DataSettings": "morula.checks.data_settings:DataSettings",
    "Image": "morula.images.image:Image",
    "Model": "morula.models.model:Model",
    "MorulaError": "morula.errors:MorulaError",
    "TrainSettings": "morula.planning.training_settings:TrainSettings",
    "as_path": "morula.whereabouts:as_path",
    "check": "morula.workflows:check",
    "convert": "morula.workflows:convert",
    "demo": "morula.workflows:demo",
    "draw": "morula.workflows:draw",
    "evaluate": "morula.workflows:evaluate",
    "evaluate_array": "morula.workflows:evaluate_array",
    "export": "morula.workflows:export",
    "info": "morula.workflows:info",
    "load": "morula.models.model:Model.load",
    "measure": "morula.workflows:measure",
    "measure_array": "morula.workflows:measure_array",
    "open_image": "morula.images.read:open_image",
    "plot": "morula.workflows:plot",
    "proofread": "morula.workflows:proofread",
    "report": "morula.workflows:report",
    "segment": "morula.workflows:segment",
    "segment_array": "morula.workflows:segment_array",
    "suggest": "morula.workflows:suggest",
    "track": "morula.workflows:track",
    "train": "morula.workflows:train",
}
"""Where each public name is at home."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'morula' has no attribute {name!r}")
    module, _, path = HOMES[name].partition(":")
    value = globals()[name] = attrgetter(path)(import_module(module))
    return value


def __dir__() -> list[str]:
    """The public names, whatever has been loaded meanwhile, and those that Python gives every module."""
    return sorted([*(name for name in globals() if name.startswith("__")), *HOMES])
