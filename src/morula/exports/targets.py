"""What a model can become: a row for each, with who writes it and what that needs."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from morula.errors import RequestError
from morula.exports.bioimageio_package import write_package
from morula.exports.export_request import ExportRequest
from morula.exports.export_settings import ExportSettings, Target
from morula.exports.exported_program import write_program
from morula.exports.onnx_file import write_onnx
from morula.exports.torchscript import write_torchscript
from morula.plurals import listed
from morula.settings import flag


@dataclass(frozen=True)
class Form:
    """One of the forms.

    Attributes:
        ending: of its files.
        write: makes one.
        needs: libraries that may be missing, as they are imported.
        has_page: whether its page is in it, or lies beside it otherwise.
    """

    ending: str
    write: Callable[[Path, ExportRequest], None]
    needs: tuple[str, ...] = ()
    has_page: bool = False


FORMS: Mapping[Target, Form] = {
    "onnx": Form(".onnx", write_onnx, ("onnx",)),
    "torchscript": Form(".pt", write_torchscript),
    "bioimageio": Form(".zip", write_package, ("onnx", "bioimageio.spec"), has_page=True),
    "pt2": Form(".pt2", write_program),
}


def target_of(out: Path, to: Target | None) -> Target:
    """What a file becomes: as it was said, or else as its ending says.

    Raises:
        RequestError: the ending is none of a form, or of another one.
    """
    by_ending: dict[str, Target] = {form.ending: target for target, form in FORMS.items()}
    meant = by_ending.get(out.suffix.lower())
    if to is None and meant is None:
        endings = ", ".join(f"{ending} ({target})" for ending, target in by_ending.items())
        raise RequestError(f"{out} has an ending that does not say what the model shall become. These do: {endings}.")
    if to is not None and meant != to:
        other = f", or give --to {meant}" if meant else ""
        raise RequestError(f"{out} should end in {FORMS[to].ending}, so that other programs know what it is{other}.")
    return to or meant  # pyright: ignore


def require_libraries(target: Target) -> None:
    """Refuse what cannot be written here, before anything takes long.

    Raises:
        RequestError: a library is missing; with what installs it.
    """
    missing = [name for name in FORMS[target].needs if not _is_here(name)]
    if missing:
        raise RequestError(f"--to {target} needs more than Morula brings along. Install it with: "
                           f"python -m pip install {' '.join(missing)}")


def require_told_to_packages(settings: ExportSettings) -> None:
    """Refuse what only a package can say, where another form was asked for.

    Raises:
        RequestError: that is so; it is named.
    """
    told = [flag(name) for name in ("authors", "license", "cite") if getattr(settings, name) is not None]
    if told and settings.to != "bioimageio":
        raise RequestError(f"{listed(told)} can be said in a package alone. Leave it out, or give --to bioimageio.")


def _is_here(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the package that it is a part of
        return False
