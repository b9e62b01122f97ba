"""What a package of bioimage.io says of the model in it: who made it, what it takes and gives, how good it is.

Only what version 0.5.7 of the format knew is written, and as it was written then: programs hold on to it (ilastik), and
newer ones read it as their own.
"""

from __future__ import annotations

import hashlib
import re
from difflib import get_close_matches
from pathlib import Path

import torch

from morula.errors import RequestError
from morula.exports.bioimageio_tensors import Described, described_input, described_output
from morula.exports.export_request import ExportRequest
from morula.exports.export_settings import ExportSettings
from morula.exports.operators import OPSET
from morula.exports.quoting import UNSEEN, one_line
from morula.plurals import listed

FORMAT_VERSION = "0.5.7"
AUTHOR = re.compile(r" *(?P<name>[^()/]+?) *\( *@?(?P<github_user>[A-Za-z0-9]+(-[A-Za-z0-9]+)*) *\) *")
DOI = re.compile(r"10\.\d{4,9}[^/\s]*/[^\s\"']+")
U_NET = {"text": "Ronneberger, Fischer and Brox 2015: U-Net, convolutional networks for biomedical image segmentation",
         "doi": "10.1007/978-3-319-24574-4_28"}


def description(folder: Path, request: ExportRequest) -> Described:
    """The description of a package, as the file `rdf.yaml` holds it.

    Args:
        folder: with the other files of the package in it.
        request: what is exported.

    Raises:
        RequestError: it is not said who made the model or under which licence.
    """

    def file(name: str) -> Described:
        return {"source": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}

    usage, settings = request.usage, request.settings
    stem = Path(request.name).stem
    return {
        "format_version": FORMAT_VERSION,
        "type": "model",
        "name": re.sub(r"[^\w +()-]", " ", f"Morula {stem}"),
        "description": one_line(f"Outlines {', '.join(usage.classes)} in {len(usage.axes)}-D images. "
                                "Trained with Morula."),
        "authors": makers(settings),
        "maintainers": makers(settings),  # the same again: YAML would refer to a list that stands twice
        "license": known_license(settings),
        "cite": [U_NET, *({"text": doi, "doi": doi} for doi in settings.cite or ())],
        "tags": _tags(request),
        "documentation": "README.md",
        "covers": ["cover.png"],
        "inputs": [described_input(usage, file("test_input.npy"))],
        "outputs": [described_output(usage, file("test_output.npy"))],
        "weights": {
            "onnx": {**file("weights.onnx"), "opset_version": OPSET, "parent": "torchscript"},
            "torchscript": {**file("weights.pt"), "pytorch_version": torch.__version__.partition("+")[0]},
        },
        "config": {"bioimageio": {"nickname": _nickname(stem)}, "morula": usage.facts},
    }


def makers(settings: ExportSettings) -> list[dict[str, str]]:
    """Who made the model, with their names on GitHub.

    Raises:
        RequestError: nobody is named, or no licence; or a name on GitHub is missing.
    """
    if not settings.authors or not settings.license:
        raise RequestError("A package says who made the model and what others may do with it. Give --authors, with "
                           "names on GitHub, such as 'Ada Lovelace (ada)', and --license, such as CC-BY-4.0.")
    found = [AUTHOR.fullmatch(each) for each in settings.authors]
    for author, parts in zip(settings.authors, found, strict=True):
        if parts is None or UNSEEN.search(author):
            raise RequestError(f"--authors {author!r} has no name on GitHub. Write it in brackets, all on one "
                               "line, such as 'Ada Lovelace (ada)'.")
    return [parts.groupdict() for parts in found if parts]


def known_license(settings: ExportSettings) -> str:
    """The licence as SPDX writes it, however its letters were typed.

    Raises:
        RequestError: there is none of this name; the nearest are named.
    """
    from bioimageio.spec.utils import get_spdx_licenses

    licenses = {each["licenseId"].lower(): each["licenseId"] for each in get_spdx_licenses()["licenses"]}
    said = (settings.license or "").strip().lower()
    if said not in licenses:
        near = listed([licenses[each] for each in get_close_matches(said, licenses)]) or "CC-BY-4.0, MIT"
        raise RequestError(f"--license {settings.license!r} is none of those at spdx.org/licenses, such as {near}.")
    return licenses[said]


def require_dois(settings: ExportSettings) -> None:
    """Refuse papers that nobody could look up.

    Raises:
        RequestError: one is cited by something else than a DOI.
    """
    for doi in settings.cite or ():
        if not DOI.fullmatch(doi):
            raise RequestError(f"--cite {doi!r} is no DOI. Write it as in 10.1038/s41592-018-0261-2.")


def _tags(request: ExportRequest) -> list[str]:
    """Words to find it by."""
    kind = "instance-segmentation" if request.model.plan.separation else "semantic-segmentation"
    return [kind, "unet", f"{len(request.usage.axes)}d", "morula"]


def _nickname(name: str) -> str:
    """The short name without which some programs fail: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "model"
