"""Pictures of a training and of its scores: charts as SVG text, overlays as PNG bytes."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.images.masks import NOT_ANNOTATED
from morula.objects.compare import Scores
from morula.reports import palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": palette.INK,
    "axes.labelcolor": palette.MUTED,
    "axes.edgecolor": palette.LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": palette.LINE,
    "grid.linewidth": 0.6,
    "xtick.color": palette.LINE,
    "ytick.color": palette.LINE,
    "xtick.labelcolor": palette.MUTED,
    "ytick.labelcolor": palette.MUTED,
    "lines.solid_capstyle": "round",
    "text.parse_math": False,
    "svg.fonttype": "none",  # text stays text: it can be selected, and takes the font of the page
}

FILL = {"both": 0.16, "wrong": 0.5}
"""How much of an overlay's colour covers the image, where the masks agree and where they do not."""


def learning_curve(history: Sequence[Mapping[str, Any]]) -> str:
    """Loss and validation IoU against the training step, as SVG; the best validation is marked.

    Args:
        history: one record a line of the log, with `step` and, each where it was measured, `loss` and
            `validation_iou`.
    """
    with _chart("learning", 7.2, 2.5) as (figure, save):
        left, right = figure.subplots(1, 2)
        for axes, key, title, colour in (
            (left, "loss", "Training loss", palette.MUTED),
            (right, "validation_iou", "Validation IoU", palette.ACCENT),
        ):
            points = [(row["step"], row[key]) for row in history if np.isfinite(row.get(key) or np.nan)]
            axes.set_title(title)
            axes.set_xlabel("step")
            if not points:
                continue
            steps, values = np.array(points, float).T
            axes.plot(steps, values, color=colour, linewidth=1.5, marker="o" if len(steps) < 3 else None)
            axes.margins(x=0.02, y=0.1)
            if key == "validation_iou":
                best = int(values.argmax())
                axes.set_title(f"Validation IoU, best {values[best]:.3f} at step {steps[best]:,.0f}")
                axes.plot(steps[best], values[best], "o", color=colour, markeredgecolor=palette.PAPER)
        return save()


def score_strips(scores: Scores) -> str:
    """The IoU of every image as a dot, a row for each class, with the mean as a tick, as SVG."""
    names = scores.names
    with _chart("strips", 7.2, 0.6 + 0.5 * len(names)) as (figure, save):
        axes = figure.subplots()
        spread = np.random.default_rng(0)
        lowest = 1.0
        for row, name in enumerate(names):
            values = [iou for image in scores.images if (iou := image.classes[row].iou) is not None]
            lowest = min([lowest, *values])
            height = row + spread.uniform(-0.22, 0.22, len(values))
            axes.plot(values, height, "o", color=palette.ACCENT, alpha=0.6, markersize=4.5, markeredgewidth=0)
            mean = scores.classes[row].iou
            if mean is not None:
                axes.plot([mean, mean], [row - 0.34, row + 0.34], color=palette.INK, linewidth=1.8)
                axes.annotate(f"{mean:.3f}", (1.0, row), xytext=(10, 0), textcoords="offset points",
                              xycoords=("axes fraction", "data"), va="center")
            axes.text(-0.012, row, name, transform=axes.get_yaxis_transform(), ha="right", va="center")
        axes.set_xlim(np.floor(lowest * 10 - 0.2).clip(0) / 10, 1.004)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("IoU of each image; the line is their mean")
        return save()


def confusion_matrix(scores: Scores) -> str:
    """Where the pixels of each true class went, in percent of that class, as SVG."""
    names = scores.names
    totals = scores.confusion.sum(axis=1, keepdims=True)
    shares = np.divide(scores.confusion, totals, out=np.zeros(scores.confusion.shape), where=totals > 0)
    with _chart("confusion", 1.6 + 0.8 * len(names), 0.9 + 0.45 * len(names)) as (figure, save):
        from matplotlib.patches import Rectangle

        axes = figure.subplots()
        for (row, column), share in np.ndenumerate(shares):
            colour = palette.ACCENT if row == column else palette.TRUTH_ONLY
            axes.add_patch(Rectangle((column - 0.48, row - 0.47), 0.96, 0.94, facecolor=colour,
                                     alpha=0.06 + 0.5 * share, linewidth=0))
            text = f"{100 * share:.2f} %" if totals[row] else "–"
            axes.text(column, row, text, ha="center", va="center")
        ends = (-0.5, len(names) - 0.5)
        axes.set(xlim=ends, ylim=ends[::-1], xlabel="predicted", ylabel="true")
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.xaxis.set_label_position("top")
        axes.xaxis.tick_top()
        return save()


def overlay(image: np.ndarray, truth: np.ndarray, predicted: np.ndarray, *, longest: int = 480) -> bytes:
    """An image with the true and the predicted outlines over it, as PNG.

    Green: both agree on the class. Red: foreground in truth only. Blue: in the prediction only. Amber: in
    both, but of different classes. Grey: not annotated. Of a volume, the middle plane is shown.

    Args:
        image: `(channels, *space)`, any dtype; three channels are shown as RGB, others as their mean.
        truth: class numbers, uint8 `(*space)`; 255 = not annotated.
        predicted: class numbers of the same shape.
        longest: the longer side of the picture in pixels; small images are enlarged by whole numbers.
    """
    from PIL import Image

    if truth.ndim == 3:
        middle = truth.shape[0] // 2
        image, truth, predicted = image[:, middle], truth[middle], predicted[middle]
    scale = longest / max(truth.shape)
    size = [max(1, round(side * (int(scale) if scale >= 1 else scale))) for side in truth.shape]
    picture = _as_displayed(image, size)
    kinds = _resized(_kinds(truth, predicted), size)
    classes = _resized(np.where(predicted > 0, predicted, truth), size)
    edges = _edges(kinds) | (_edges(classes) & (kinds > 0))
    for kind, colour, cover in (
        (1, palette.BOTH, FILL["both"]),
        (2, palette.TRUTH_ONLY, FILL["wrong"]),
        (3, palette.PREDICTION_ONLY, FILL["wrong"]),
        (4, palette.OTHER_CLASS, FILL["wrong"]),
        (5, palette.NOT_ANNOTATED, FILL["wrong"]),
    ):
        here = kinds == kind
        picture[here] += cover * (np.array(palette.rgb(colour)) - picture[here])
        if kind < 5:
            picture[here & edges] = palette.rgb(colour)
    png = io.BytesIO()
    Image.fromarray(np.round(picture).astype(np.uint8)).save(png, "PNG", optimize=True)
    return png.getvalue()


@contextmanager
def _chart(name: str, width: float, height: float) -> Iterator[tuple[Figure, Callable[[], str]]]:
    """A figure in our style, in inches, and a function that gives it as SVG to stand in a page."""
    import matplotlib
    from matplotlib.figure import Figure

    # The salt makes the same chart the same text, and keeps the identifiers of two charts in a page apart.
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's browser has the font
        figure = Figure(figsize=(width, height), layout="constrained")

        def save() -> str:
            text = io.StringIO()
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            figure.savefig(text, format="svg", transparent=True, metadata=nothing)
            svg = text.getvalue()
            return re.sub(r'<g id="[^"]*"', "<g", svg[svg.index("<svg"):])

        yield figure, save


def _kinds(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """0 background, 1 agreed, 2 truth only, 3 prediction only, 4 another class, 5 not annotated."""
    nothing = (truth == 0) & (predicted == 0)
    cases = [truth == NOT_ANNOTATED, nothing, truth == predicted, predicted == 0, truth == 0]
    return np.select(cases, [5, 0, 1, 2, 3], default=4).astype(np.uint8)


def _as_displayed(image: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """float32 `(y, x, 3)`, 0 to 255: colour pictures as they are, all else stretched between percentiles."""
    from PIL import Image

    channels = [np.asarray(Image.fromarray(np.nan_to_num(channel.astype(np.float32))).resize(
        (size[1], size[0]), Image.Resampling.BICUBIC)) for channel in image]
    if len(channels) == 3:
        low, high = (0, 255) if image.dtype == np.uint8 else np.percentile(channels, (0.5, 99.5))
        shown = np.stack([_stretched(channel, low, high) for channel in channels], axis=-1)
    else:
        grey = np.mean([_stretched(c, *np.percentile(c, (0.5, 99.5))) for c in channels], axis=0)
        shown = np.repeat(grey[..., None], 3, axis=-1)
    return 255 * shown


def _stretched(channel: np.ndarray, low: float, high: float) -> np.ndarray:
    return ((channel - low) / max(high - low, 1e-12)).clip(0, 1)


def _resized(mask: np.ndarray, size: Sequence[int]) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.fromarray(mask).resize((size[1], size[0]), Image.Resampling.NEAREST))


def _edges(mask: np.ndarray) -> np.ndarray:
    """Pixels that differ from a neighbour by a side."""
    edges = np.zeros(mask.shape, bool)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differs = mask[one] != mask[other]
        edges[one] |= differs
        edges[other] |= differs
    return edges
