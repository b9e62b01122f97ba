"""The page that lies beside an exported model: how this one is used, with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from morula.exports.export_settings import Target
from morula.exports.quoting import in_table, one_line
from morula.exports.snippets import SNIPPETS
from morula.exports.usage import Usage
from morula.headers.units import pixel_size_in_words
from morula.models.model import Model, validation_in_words
from morula.objects.specks import specks_in_words
from morula.reports.contents import describe_model

FENCES = {"Python": "python", "OpenCV": "python", "Wolfram Language": "wolfram", "MATLAB": "matlab", "Java": "java"}
PLANES_ONLY = "OpenCV"
NEEDS_SIZE = {
    "OpenCV": "OpenCV before 5 reads only a file of one size: export the model again with `--size`.",
    "MATLAB": "MATLAB wants a file of one size: export the model again with `--size`.",
}
"""What is said of a file that takes many sizes."""
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
    return "\n".join([f"# {one_line(file)}\n", *_facts(usage, target), *_opening(target), *_own_words(model),
                      *_left_behind(model), *_validation(model), *_code(usage, target, file)])


def _facts(usage: Usage, target: Target) -> Iterator[str]:
    yield (f"A network that outlines what it was trained for, exported by Morula {version('morula')}. This is all that "
           "it takes to use it.\n")
    by_itself = f". {WITHIN_PACKAGE}" if target == "bioimageio" else ""
    size = (f"{pixel_size_in_words(usage.pixel_size)}; bring images of others to it" if usage.pixel_size else
            "not known: things should be as large, in pixels, as in the images that it learned from")
    several = "" if usage.space else "; n = 0, 1, 2 …, along each axis another if need be"
    rows = (
        ("model", f"`{usage.model}`"),
        ("input", f"float32, batch × channel × {' × '.join(usage.axes)}; channels: {', '.join(usage.channels)}"),
        ("sizes", f"{usage.sides_in_words} ({' × '.join(usage.axes)}){several}"),
        ("pixel size", size),
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


def _opening(target: Target) -> Iterator[str]:
    """How programs that know packages are told of one."""
    if target == "bioimageio":
        yield "## How to open it\n"
        yield "- Fiji: in deepImageJ, install the model from this file, open an image, and run the model on it."
        yield "- ilastik: begin a project of the kind Neural Network Classification, and open this file as its model."
        yield "- Python: `bioimageio.core.load_model_description` with the name of this file.\n"


def _own_words(model: Model) -> Iterator[str]:
    """What its makers say of it, where they do: what it is for, and where it fails."""
    if said := [value for label, value in describe_model(model) if label == "made from"]:
        yield "## What it is for\n"
        yield from (f"- {one_line(sentence)}" for sentence in said)
        yield ""


def _left_behind(model: Model) -> Iterator[str]:
    yield "## What stays behind\n"
    yield "Morula does more with a model than its network does. In other programs this is left to you:\n"
    if model.plan.pixel_size:
        yield "- Images whose pixels have another size are brought to that of the model, and masks back."
    if model.plan.separation:
        yield ("- Objects that touch are told apart by their distances, with a watershed from their cores. Other "
               "programs see one mask.")
    if model.plan.specks:
        yield (f"- Connected pieces below {specks_in_words(model.plan.specks, model.classes)} take the class around "
               "them.")
    if model.plan.main_object:
        yield "- Only the largest connected piece of each mask is kept."
    if model.plan.sides:
        yield "- Images of unknown magnification are enlarged as the model is surest of their masks."
    if model.plan.augmentation.flips:
        those = "mirror images" if model.plan.views == "all" else "the image and that flipped along all axes"
        yield f"- Predictions are averaged over {those}, which makes them a little better."
    yield "- Large images go through in tiles that blend into each other."
    yield "- Morula says of each mask how good it probably is, and what is unusual about it.\n"


def _validation(model: Model) -> Iterator[str]:
    """How good the model was, and how to find out about it on other images."""
    yield "## Validation\n"
    scores = model.record.get("validation")
    if scores and model.record.get("validation_frames"):
        yield f"On frames that it did not learn from: {validation_in_words(scores)}.\n"
        yield from (f"- {one_line(label.removeprefix('validation, '))}: {value}"
                    for label, value in describe_model(model) if label.startswith("validation, "))
        yield ""
    else:
        yield "No frame was held out, so nothing is known about its masks of new images."
    yield ("Outline some images of your own by hand, and compare masks with these (IoU) before you trust it on others; "
           "in Morula, `morula evaluate` does so.\n")


def _code(usage: Usage, target: Target, file: str) -> Iterator[str]:
    for language, snippet in SNIPPETS[target].items():
        if language == PLANES_ONLY and len(usage.axes) != 2:
            continue
        if language in NEEDS_SIZE and not usage.space:
            yield f"## {language}\n\n{NEEDS_SIZE[language]}\n"
        else:
            yield f"## {language}\n"
        yield f"```{FENCES[language]}\n{snippet(usage, file)}```\n"
