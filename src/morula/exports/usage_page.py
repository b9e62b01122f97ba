"""The page that lies beside an exported model: how this one is used, with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator

from morula.exports.export_settings import Target
from morula.exports.quoting import in_table, one_line
from morula.exports.snippets import SNIPPETS
from morula.exports.usage import Usage
from morula.images.units import pixel_size_in_words
from morula.models.model import Model, validation_in_words

FENCES = {"Python": "python", "OpenCV": "python", "Wolfram Language": "wolfram", "MATLAB": "matlab", "Java": "java"}
PLANES_ONLY = "OpenCV"
WITHIN_PACKAGE = ("The package does this by itself. Mean and deviation are taken within the network, of what goes "
                  "through it at once: let images go through whole, which gives the masks of Morula but for a pixel in "
                  "a thousand; or in large pieces, which may show seams, for the package declares no halo")


def usage_page(model: Model, usage: Usage, target: Target, file: str) -> str:
    """The page as Markdown.

    Args:
        model: what was exported.
        usage: how it is used.
        target: what it became.
        file: the name of the file that it became.
    """
    return "\n".join([f"# {one_line(file)}\n", *_facts(usage, target), *_left_behind(model), *_validation(model),
                      *_code(usage, target, file)])


def _facts(usage: Usage, target: Target) -> Iterator[str]:
    yield "A network that outlines what it was trained for, exported by Morula. This is all that it takes to use it.\n"
    by_itself = f". {WITHIN_PACKAGE}" if target == "bioimageio" else ""
    size = pixel_size_in_words(usage.pixel_size) if usage.pixel_size else "not known"
    rows = (
        ("model", f"`{usage.model}`"),
        ("input", f"float32, batch × channel × {' × '.join(usage.axes)}; channels: {', '.join(usage.channels)}"),
        ("sizes", f"{usage.sides_in_words} ({' × '.join(usage.axes)})"),
        ("pixel size", f"{size}; bring images of others to it"),
        ("normalisation", f"{usage.normalisation}{by_itself}"),
        ("output", f"float32, batch × map × {' × '.join(usage.axes)}, each 0 to 1; maps: {', '.join(usage.maps)}"),
        ("mask", usage.decision),
        ("halo", f"{' × '.join(map(str, usage.halo))} pixels at each end lack context: where an image goes through in "
                 "pieces, let them overlap by twice as many, and cut these off"),
        *([("objects", f"each grows from its core, where the distance is above {usage.separation.core:g}")]
          if usage.separation else []),
    )
    yield "| | |\n| --- | --- |"
    yield from (f"| {label} | {in_table(value)} |" for label, value in rows)
    yield ""


def _left_behind(model: Model) -> Iterator[str]:
    yield "## What stays behind\n"
    yield "Morula does more with a model than its network does. In other programs this is left to you:\n"
    yield "- Images whose pixels have another size are brought to that of the model, and masks back."
    if model.plan.separation:
        yield ("- Objects that touch are told apart by their distances, with a watershed from their cores. Other "
               "programs see one mask.")
    if model.plan.main_object:
        yield "- Only the largest connected piece of each mask is kept."
    if model.plan.sides:
        yield "- Images of unknown magnification are enlarged as the model is surest of their masks."
    if model.plan.augmentation.flips:
        yield "- Predictions are averaged over mirror images, which makes them a little better."
    yield "- Large images go through in tiles that blend into each other."
    yield "- Morula says of each mask how good it probably is, and what is unusual about it.\n"


def _validation(model: Model) -> Iterator[str]:
    """How good the model was, and how to find out about it on other images."""
    yield "## Validation\n"
    scores = model.record.get("validation")
    if scores and model.record.get("validation_frames"):
        yield f"On frames that it did not learn from: {validation_in_words(scores)}."
    else:
        yield "No frame was held out, so nothing is known about its masks of new images."
    yield ("Outline some images of your own by hand, and compare masks with these (IoU) before you trust it on others; "
           "in Morula, `morula evaluate` does so.\n")


def _code(usage: Usage, target: Target, file: str) -> Iterator[str]:
    for language, snippet in SNIPPETS[target].items():
        if language == PLANES_ONLY and len(usage.axes) != 2:
            continue
        yield f"## {language}\n\n```{FENCES[language]}\n{snippet(usage, file)}```\n"
