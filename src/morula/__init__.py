"""Morula: outline what you study.

    import morula
    inspection = morula.check("images", "masks")
    evaluation = morula.evaluate("predicted", "truth")

The names below load what they need when they are first used, so that `import morula` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from morula.errors import MorulaError as MorulaError
    from morula.images.image import Image as Image
    from morula.images.inspection import DataSettings as DataSettings
    from morula.images.read import open_image as open_image
    from morula.workflows import check as check
    from morula.workflows import draw as draw
    from morula.workflows import evaluate as evaluate

HOMES = {
    "DataSettings": "morula.images.inspection",
    "Image": "morula.images.image",
    "MorulaError": "morula.errors",
    "check": "morula.workflows",
    "draw": "morula.workflows",
    "evaluate": "morula.workflows",
    "open_image": "morula.images.read",
}
"""The module of each public name."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'morula' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *HOMES])
