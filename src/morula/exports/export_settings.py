"""How a model is exported: readable without torch."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import field_validator

from morula.settings import Settings

Target = Literal["onnx", "torchscript", "bioimageio", "pt2"]


class ExportSettings(Settings):
    """What a model becomes, and what only its makers can say of it."""

    to: Target | None = None
    """What it becomes: ONNX, TorchScript, a package for bioimage.io, or a program of PyTorch; as the ending says."""
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

    @field_validator("size", mode="before")
    @classmethod
    def _in_pixels(cls, size: Any) -> int | tuple[int, ...] | str:
        """A size is said in one sentence to be none, and not once for each type that it might have had."""
        if isinstance(size, str) and size.strip().lower() == "dynamic":
            return "dynamic"
        several = isinstance(size, list | tuple)
        try:
            sides = tuple(int(str(side)) for side in (size if several else [size]))
        except ValueError:
            raise ValueError("takes a number of pixels, or one for each axis with commas between, or dynamic") from None
        return sides if several else sides[0]
