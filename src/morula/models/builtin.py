"""Models that come with Morula, called by their name in place of a file."""

from __future__ import annotations

from pathlib import Path

from morula.plurals import listed

FOLDER = Path(__file__).parents[1] / "pretrained"
"""Where their files lie, as `make pretrained` writes them."""
ENDING = ".safetensors"


def built_in() -> tuple[str, ...]:
    """The names of all of them."""
    return tuple(sorted(path.stem for path in FOLDER.glob(f"*{ENDING}")))


def model_file(model: str | Path) -> Path:
    """The file of a model: of a built-in one, where it is called by its name and no file is called so."""
    path = Path(model)
    return FOLDER / f"{path}{ENDING}" if not path.exists() and str(path) in built_in() else path


def names_in_words() -> str:
    """What one may write in place of a file, in a sentence; empty if there is nothing."""
    names = built_in()
    return f" Or the name of a model that comes with Morula: {listed(names)}." if names else ""
