"""How well a predicted mask agrees with the true one.

Overlap is counted from one confusion matrix per image. Boundary distances are measured between outlines:
the pixels of a class that touch another class by a face. Where the picture ends or nobody annotated, there
is no outline: a shape cut off by the frame would otherwise be rewarded for the cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from morula.cards import Card, Shown
from morula.errors import FileError
from morula.pairs.masks import NOT_ANNOTATED, class_names
from morula.plurals import many

MOST_CLASSES = 4
"""Classes of which scores say themselves in Python."""


@dataclass(frozen=True)
class ClassScores:
    """Scores of one class, in one image or as the mean over the images where the class occurs.

    Attributes:
        iou: intersection over union (Jaccard index), 0 to 1.
        dice: Dice coefficient (F1 score), 0 to 1.
        boundary_mean: mean symmetric distance between the two outlines.
        boundary_95: 95 % Hausdorff distance: the larger of the 95th percentiles of both directions.
        images: in how many images the class occurs, in truth or prediction.

    A score is None where it does not exist: the class is in neither mask, or, for the distances, one of the
    masks has no outline of it.
    """

    iou: float | None = None
    dice: float | None = None
    boundary_mean: float | None = None
    boundary_95: float | None = None
    images: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Agreement(Shown):
    """What an image and a set of images have in common: counts of pixels and scores of each class.

    Attributes:
        confusion: pixels by class, int64 `(truth, predicted)`.
        classes: the scores of class 0 (background), 1, … K.
        unit: of the distances: "µm", "px", or "mixed" for a set of images that do not agree on one.
    """

    confusion: np.ndarray
    classes: tuple[ClassScores, ...]
    unit: str

    @property
    def card(self) -> Card:
        return Card(f"{type(self).__name__}{self._of_what()}", self._summary())

    def _of_what(self) -> str:
        return ""

    def _names(self) -> Sequence[str]:
        return ("background", *class_names(len(self.classes) - 1))

    def _summary(self) -> list[tuple[str, str]]:
        """The scores as label and value; of many classes, those of the first."""
        rows = [("pixel accuracy", _number(self.pixel_accuracy)), ("mean IoU", _number(self.mean_iou)),
                ("foreground IoU", _number(self.foreground_iou))]
        for name, scores in list(zip(self._names(), self.classes, strict=True))[1 : MOST_CLASSES + 1]:
            far = "" if scores.boundary_mean is None else f", outlines {scores.boundary_mean:.3g} {self.unit} apart"
            rows.append((name[:20], f"IoU {_number(scores.iou)}, Dice {_number(scores.dice)}{far}"))
        more = len(self.classes) - 1 - MOST_CLASSES
        return [*rows, *([("…", f"and {more} more classes")] if more > 0 else [])]

    @property
    def pixel_accuracy(self) -> float | None:
        """The share of pixels with the true class: one minus the Hamming distance."""
        pixels = self.confusion.sum()
        return float(self.confusion.trace() / pixels) if pixels else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: how much of the agreement that chance leaves open is reached, 1 at most.

        Chance is two masks with as many pixels of each class, laid on each other blindly (Cohen 1960,
        doi 10.1177/001316446002000104). None where chance leaves nothing open.
        """
        pixels = self.confusion.sum()
        if not pixels:
            return None
        chance = float(self.confusion.sum(0) @ self.confusion.sum(1) / pixels**2)
        return (float(self.confusion.trace() / pixels) - chance) / (1 - chance) if chance < 1 else None

    @property
    def mean_iou(self) -> float | None:
        """The mean IoU of the classes, background included."""
        return _mean(scores.iou for scores in self.classes)

    @property
    def foreground_iou(self) -> float | None:
        """The mean IoU of the classes without background."""
        return _mean(scores.iou for scores in self.classes[1:])

    def record(self) -> dict[str, Any]:
        """Plain numbers for JSON; None where a score does not exist."""
        return {
            "pixel_accuracy": self.pixel_accuracy,
            "mean_iou": self.mean_iou,
            "foreground_iou": self.foreground_iou,
            "kappa": self.kappa,
            "unit": self.unit,
            "classes": {str(number): asdict(scores) for number, scores in enumerate(self.classes)},
            "confusion": self.confusion.tolist(),
        }


@dataclass(frozen=True, eq=False, repr=False)
class ImageScores(Agreement):
    """The scores of one image, called `name`."""

    name: str

    def _of_what(self) -> str:
        return f" of {self.name!r}"

    def record(self) -> dict[str, Any]:
        return {"name": self.name, **super().record()}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> ImageScores:
        """What `record` gave."""
        classes = tuple(ClassScores(**scores) for scores in record["classes"].values())
        return cls(np.array(record["confusion"], np.int64), classes, record["unit"], record["name"])


@dataclass(frozen=True, eq=False, repr=False)
class Scores(Agreement):
    """The scores of a set of images, whose classes are called `names`, background first.

    Each score of a class is the mean over the images where it exists; the confusion matrix, and with it the
    pixel accuracy, pools the pixels of all images.
    """

    images: tuple[ImageScores, ...]
    names: tuple[str, ...]

    def _of_what(self) -> str:
        return f" of {many(len(self.images), 'image')}"

    def _names(self) -> Sequence[str]:
        return self.names

    @cached_property
    def worst_first(self) -> tuple[ImageScores, ...]:
        """The images by rising foreground IoU; those rightly without any foreground come last."""
        return tuple(sorted(self.images, key=lambda image: (_or_perfect(image.foreground_iou), image.name)))

    def record(self) -> dict[str, Any]:
        images = [image.record() for image in self.images]
        return {**super().record(), "names": list(self.names), "images": images}


def compare_masks(
    truth: np.ndarray,
    predicted: np.ndarray,
    classes: int,
    *,
    name: str,
    pixel_size: tuple[float, ...] | None = None,
    outlines: bool = True,
) -> ImageScores:
    """Score one predicted mask against the true one.

    Args:
        truth: class numbers, uint8 `(*space)`; pixels of 255 in either mask do not count.
        predicted: class numbers of the same shape.
        classes: the number of classes without background.
        name: the image's name, for the scores and for errors.
        pixel_size: µm along each axis; without it, distances are in pixels.
        outlines: whether to tell how far apart outlines are, which takes the most time.

    Raises:
        FileError: the shapes differ, or a mask holds a number that is no class.

    >>> truth = np.array([[0, 0, 1, 1]], np.uint8)
    >>> compare_masks(truth, np.array([[0, 1, 1, 1]], np.uint8), 1, name="a").pixel_accuracy
    0.75
    """
    if truth.shape != predicted.shape:
        raise FileError(f"{name}: the true mask has the shape {_size(truth)}, the predicted one "
                        f"{_size(predicted)}. Compare masks of the same image at the same size.")
    known = (truth != NOT_ANNOTATED) & (predicted != NOT_ANNOTATED)
    for which, mask in (("true", truth), ("predicted", predicted)):
        if (largest := mask.max(initial=0, where=known)) > classes:
            raise FileError(f"{name}: the {which} mask holds the number {largest}, but class numbers go from "
                            f"0 to {classes}. Check how the masks are read.")
    count = classes + 1
    codes = truth[known].astype(np.intp) * count + predicted[known]
    confusion = np.bincount(codes, minlength=count**2).reshape(count, count)
    spacing = np.asarray(pixel_size or (1.0,) * truth.ndim)
    scores = []
    for number in range(count):
        intersection = int(confusion[number, number])
        total = int(confusion[number].sum() + confusion[:, number].sum())
        if total == 0:
            scores.append(ClassScores())
            continue
        iou, dice = intersection / (total - intersection), 2 * intersection / total
        apart = None, None
        if outlines:
            apart = _boundary_distances(*(_outline(mask == number, known) * spacing for mask in (truth, predicted)))
        scores.append(ClassScores(iou, dice, *apart, images=1))
    return ImageScores(confusion, tuple(scores), "µm" if pixel_size else "px", name)


def summarise(images: Sequence[ImageScores], names: Sequence[str] = ()) -> Scores:
    """The scores of a set of images, each image counting alike.

    Where the images do not share a unit, the set has no boundary distances.

    Args:
        images: at least one, all with the same classes.
        names: of the classes without background; without them, the classes are numbered.

    Raises:
        ValueError: no images, or images or names for different numbers of classes.
    """
    if not images or len({len(image.classes) for image in images}) != 1:
        raise ValueError("a summary needs at least one image, and the same classes in all")
    count = len(images[0].classes) - 1
    names = names or class_names(count)
    if len(names) != count:
        raise ValueError(f"{len(names)} names for {count} classes")
    units = {image.unit for image in images}
    classes = []
    for number in range(count + 1):
        scores = [image.classes[number] for image in images]
        classes.append(ClassScores(
            iou=_mean(score.iou for score in scores),
            dice=_mean(score.dice for score in scores),
            boundary_mean=_mean(score.boundary_mean for score in scores) if len(units) == 1 else None,
            boundary_95=_mean(score.boundary_95 for score in scores) if len(units) == 1 else None,
            images=sum(score.images for score in scores),
        ))
    confusion = np.sum([image.confusion for image in images], axis=0)
    unit = units.pop() if len(units) == 1 else "mixed"
    return Scores(confusion, tuple(classes), unit, tuple(images), ("background", *names))


def _outline(mask: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Positions of the known pixels of `mask` that touch a known pixel outside it, `(points, axes)`."""
    outside = known & ~mask
    touching = np.zeros_like(mask)
    for axis in range(mask.ndim):
        lower = (slice(None),) * axis + (slice(None, -1),)
        upper = (slice(None),) * axis + (slice(1, None),)
        touching[lower] |= outside[upper]
        touching[upper] |= outside[lower]
    return np.argwhere(touching & mask & known)


def _boundary_distances(truth: np.ndarray, predicted: np.ndarray) -> tuple[float | None, float | None]:
    """Mean symmetric distance and 95 % Hausdorff distance between two sets of positions."""
    from scipy.spatial import KDTree

    if not len(truth) or not len(predicted):
        return None, None
    # Outlines are thin: a tree over their points is many times faster than a distance map of the image.
    to_truth, _ = KDTree(truth).query(predicted)
    to_predicted, _ = KDTree(predicted).query(truth)
    mean = np.concatenate([to_truth, to_predicted]).mean()
    return float(mean), float(max(np.percentile(to_truth, 95), np.percentile(to_predicted, 95)))


def _mean(values: Iterable[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return float(np.mean(present)) if present else None


def _or_perfect(value: float | None) -> float:
    return 1.0 if value is None else value


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _size(array: np.ndarray) -> str:
    return " × ".join(map(str, array.shape))
