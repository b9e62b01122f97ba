"""How a model is exported: readable without torch."""

from __future__ import annotations

from typing import Literal

from morula.settings import Settings

Target = Literal["onnx", "torchscript", "bioimageio", "pt2"]


class ExportSettings(Settings):
    """What a model becomes, and what only its makers can say of it."""

    to: Target = "onnx"
    """What it becomes: ONNX, TorchScript, a package for bioimage.io, or a program of PyTorch (pt2)."""
    size: int | tuple[int, ...] | Literal["dynamic"] = "dynamic"
    """The only size of images it takes, one number or one for each axis, as MATLAB and OpenCV want it."""
    authors: tuple[str, ...] | None = None
    """For a package: who made the model, each with the name on GitHub in brackets, such as 'Ada Lovelace (ada)'."""
    license: str | None = None
    """For a package: its licence by its SPDX name, such as CC-BY-4.0."""
    cite: tuple[str, ...] | None = None
    """For a package: DOIs of papers to cite, beside that of the U-Net."""
    overwrite: bool = False
    """Write over files that are there."""
