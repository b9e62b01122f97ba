"""A trained model: load, save, segment arrays of any size."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from morula.cards import Card, Shown
from morula.errors import ModelError, RequestError
from morula.images.image import Image
from morula.images.resizing import resized
from morula.images.room import Room, room_for
from morula.images.zoom import TRIED, surest, zooms
from morula.machine.devices import chosen_device
from morula.machine.number_formats import Precision
from morula.measures.intervals import Calibration
from morula.models.builtin import model_file
from morula.models.engines import Engine
from morula.models.file import Contents, read_model, self_test_sides, write_model
from morula.models.fitting import SAME_SIZE, Given, as_image, fitted, magnification
from morula.models.plan import Plan
from morula.models.quantisation import Ranges
from morula.models.segment_settings import SegmentSettings
from morula.models.sweep import Band, OnBand, OnTile, gathered, sweep
from morula.networks.unet import UNet
from morula.objects.cleaning import Cleaning, clean
from morula.objects.separation import separated
from morula.objects.tidying import tidied
from morula.pairs.spread import evenly
from morula.plurals import listed, many
from morula.progress import Part, untold
from morula.settings import with_fields
from morula.trust.expectation import Expected
from morula.trust.memory import Memory
from morula.trust.quality import Quality
from morula.trust.signals import Tally
from morula.trust.usual import Usual

SAME = {True: 1e-3, False: 0.1}
"""By what logarithm a probability may differ from what it was when the model was saved. Processors differ by 1e-6, see
docs/experiments.md; accelerators, which round what they multiply, by more."""
LEAST = 1e-30
"""Smaller probabilities are as good as none."""


def validation_in_words(scores: Mapping[str, Any]) -> str:
    """The scores of the frames that a model was judged by, as its record has them."""
    told = (f"{name} {scores[key]:.3f}" for name, key in (("foreground IoU", "foreground_iou"),
            ("pixel accuracy", "pixel_accuracy")) if scores[key] is not None)
    return f"{', '.join(told)} on {many(len(scores['images']), 'frame')}"


@dataclass(frozen=True, repr=False)
class Model(Shown):
    """What training leaves behind.

    Whatever sees an image takes an Image, the path of one, or an array, whose axes are `axes`, letters of `TCZYX`. Left
    out, they are `YX` or, for a model of several channels, `YXC` (volumes: `ZYX`, `ZYXC`); see `fitting.as_image`.

    Attributes:
        network: the trained network.
        plan: how images must be prepared for it.
        record: where it came from, how training went, how good it was on the validation images.
        ranges: what the convolutions of the network have seen come in, see `measure_ranges`; empty if its masks
            are not to be made with eight bits.
        usual: what its masks are usually like; None where nobody has looked.
        memory: what it remembers of the annotated frames, to tell what is like them; None where nothing.
        quality: what it has learned about its own masks, which tells how good a new one probably is; None if nothing.
        precision: the number format to compute in.
        flips: whether predictions are averaged over mirror images, where the network has learned from such.
        at_once: how many threads may segment a frame each at the same time without waiting for each other.
        cleaning: what is done to its masks, see `cleaned_by`.
        zoom: how much images are enlarged before they are seen; None: as the sizes of pixels tell.
    """

    network: UNet
    plan: Plan
    record: dict[str, Any] = field(default_factory=dict)
    ranges: Ranges = field(default_factory=dict)
    usual: Usual | None = None
    memory: Memory | None = None
    quality: Quality | None = None
    precision: Precision = "auto"
    flips: bool = True
    at_once: int = 1
    cleaning: Cleaning = field(default_factory=Cleaning)
    zoom: float | None = None

    @classmethod
    def load(cls, path: str | Path, precision: Precision = "auto") -> Model:
        """Read a model and check that it still computes what it did when it was saved.

        Args:
            path: its file, or the name of one that comes with Morula.
            precision: the number format to compute in.

        Raises:
            ModelError: no such file; damaged; not a model of Morula; or the self-test failed.
        """
        contents = read_model(model_file(path))
        model = cls(contents.network, contents.plan, contents.record, contents.ranges, contents.usual,
                    contents.memory, contents.quality, precision)
        expected, computed = contents.self_test["output"], Engine(model.network, "float32")(contents.self_test["input"])
        worst = (expected.clamp_min(LEAST) / computed.clamp_min(LEAST)).log().abs().max().item()
        if not worst < SAME[chosen_device().type == "cpu"]:
            raise ModelError(f"{path}: the model computes something else than when it was saved (its self-test is "
                             f"off by a factor of {math.exp(worst):.4g}). Copy it again from where it came, or train "
                             "again.")
        return model

    def save(self, path: str | Path) -> None:
        """Write the model to one file, with a self-test, whole or not at all."""
        architecture = self.plan.architecture
        noise = torch.Generator().manual_seed(0)
        images = torch.randn(1, architecture.inputs, *self_test_sides(self.plan), generator=noise)
        probabilities = Engine(self.network, "float32")(images)
        self_test = {"input": images, "output": probabilities}
        write_model(Path(path), Contents(self.plan, self.network, self.record, self_test, self.ranges, self.usual,
                                         self.memory, self.quality))

    @property
    def calibration(self) -> Calibration:
        """What its doubt means for measures; where no training has learned that, what its probabilities say."""
        return Calibration.model_validate(self.record.get("outlines") or {})

    @cached_property
    def engine(self) -> Engine:
        """The network made ready for this processor, once."""
        flips = self.plan.augmentation.flips if self.flips else ()
        return Engine(self.network, self.precision, flips=flips, together=self.plan.views == "opposite", compiled=True,
                      ranges=self.ranges, at_once=self.at_once)

    @cached_property
    def fingerprint(self) -> str:
        """Twelve letters and digits that are the same only where all masks are: for equal plans, weights, flips and
        cleaning.

        Masks made with other number formats differ in single pixels.
        """
        digest = hashlib.sha256(self.plan.model_dump_json().encode())
        if not self.flips:
            digest.update(b"without flips")
        if self.zoom is not None:
            digest.update(f"{self.zoom:.3f}".encode())
        if self.cleaning.asked_for:
            digest.update(self.cleaning.model_dump_json().encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().numpy().tobytes())
        return digest.hexdigest()[:12]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes without background; class number 1 comes first."""
        return self.plan.classes

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels that images must have, in the order the network wants them."""
        return self.plan.channels

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """What it is for, how it was trained and how good it was, as label and value."""
        steps, scores = self.record.get("steps_done"), self.record.get("validation")
        weights = sum(weight.numel() for weight in self.network.parameters())
        rows = [*self.plan.summary, ("weights", f"{weights:,}")]
        if steps is not None:
            rows.append(("training", many(steps, "step")))
            rows.append(("validation", validation_in_words(scores) if scores else "none: no frame was held out"))
        return tuple(rows)

    @property
    def card(self) -> Card:
        return Card(f"Model {self.fingerprint}", self.summary)

    def cleaned_by(self, cleaning: Cleaning) -> Model:
        """The same model, whose masks are cleaned so; what it says of their quality is that before they are cleaned.

        Raises:
            RequestError: a threshold was asked for, and there are several classes.
        """
        if cleaning.threshold is not None and len(self.classes) > 1:
            raise RequestError(f"--threshold means nothing for a model of {len(self.classes)} classes "
                               f"({listed(self.classes)}), where each pixel is of the most probable one. Leave it out.")
        return self.having(cleaning=cleaning)

    def having(self, **fields: Any) -> Model:
        """The same model with other fields; its engine stays, which takes a while to make, if that is the same."""
        changed, same = replace(self, **fields), attrgetter("ranges", "flips", "plan.views", "precision", "at_once")
        if "engine" in self.__dict__ and same(changed) == same(self):
            changed.__dict__["engine"] = self.engine
        return changed

    def asked_for(self, settings: SegmentSettings) -> Model:
        """The same model, which computes and cleans as the settings say.

        Raises:
            RequestError: as for `cleaned_by`.
        """
        plan = self.plan
        if settings.main_object is not None:
            plan = plan.model_copy(update={"main_object": settings.main_object})
        if settings.keep_specks:
            plan = plan.model_copy(update={"specks": ()})
        model = self.having(plan=plan, flips=settings.flips, precision=settings.precision)
        return model.cleaned_by(settings.cleaning)

    def zoomed(self, images: Sequence[tuple[Image, int]], begun: Collection[str] = ()) -> Model:
        """The same model for images of unknown magnification, enlarged as it is surest of their masks; if its plan
        says nothing of such, it is the model itself.

        Args:
            images: some of those that are to be segmented, each with the number of a frame.
            begun: fingerprints of what made the masks that are there. If this model is among them, enlarged by one of
                the factors, it goes on with that, whatever it would now be surest of.
        """
        if not self.plan.sides or self.zoom is not None or not images:
            return self
        tried = [(self.fitted(image), frame) for image, frame in evenly(images, TRIED)]
        spaces = [image.space for image, _ in tried]
        factors, [learned] = zooms(self.plan.sides, spaces), zooms((min(self.plan.patch),), spaces)
        if begun and (same := [model for each in factors if (model := self.having(zoom=each)).fingerprint in begun]):
            return same[0]
        _ = self.engine  # made once: without it, each of those that follow would make its own
        judged = [[self.having(zoom=factor).judged(*each)[1] for each in tried] for factor in factors]
        ious = [[expected.iou_of(self.classes[0]) if expected else 0.0 for expected in row] for row in judged]
        return self.having(zoom=surest(np.array(ious), factors, learned))

    def segment(self, image: Given, axes: str | None = None, **cleaning: Any) -> np.ndarray:
        """Class numbers of every pixel; object numbers, where the model separates objects.

        Args:
            image: an Image, the path of one, or an array.
            axes: letters of `TCZYX` for those of an array, or of a file over what it says.
            cleaning: single values of `Cleaning`, such as `min_size=50`, `fill_holes="all"`, `drop_border=True`.

        Returns:
            Unsigned `(*space)`, or `(frames, *space)` if there are several frames, see `segmented`.

        Raises:
            ModelError: the image has other channels or another number of spatial axes than the model.
            FileError: the file cannot be read, or holds NaN or infinity.
            RequestError: the mask cannot be cleaned so.
        """
        source = as_image(image, axes, self.plan)
        model = self.cleaned_by(*with_fields(cleaning, self.cleaning)) if cleaning else self
        model = model.zoomed([(source, frame) for frame in range(source.frames)])
        found = np.stack([model.segmented(source, frame) for frame in range(source.frames)])
        return found[0] if source.frames == 1 else found

    def segmented(
        self, image: Given, frame: int = 0, on_band: OnBand | None = None, on_tile: OnTile | None = None, *,
        on_part: Part = untold, axes: str | None = None,
    ) -> np.ndarray:
        """What the model is for: the objects of one frame, if the plan separates them, and its mask otherwise."""
        return np.asarray(self.drawn(as_image(image, axes, self.plan), frame, on_band, on_tile, on_part))

    def drawn(
        self, image: Image, frame: int = 0, on_band: OnBand | None = None, on_tile: OnTile | None = None,
        on_part: Part = untold,
    ) -> Room:
        """The same, of an image of any size: on disk, where it is larger than memory should hold."""
        return (self._objects if self.plan.separation else self._mask)(image, frame, on_band, on_tile, on_part)

    def mask(
        self, image: Given, frame: int = 0, on_band: OnBand | None = None, on_tile: OnTile | None = None, *,
        on_part: Part = untold, axes: str | None = None,
    ) -> np.ndarray:
        """Class numbers of one frame, uint8 `(*space)`, with those pieces that the plan keeps.

        Args:
            image: with the channels that the network wants.
            frame: which of its frames.
            on_band: shown each band of probabilities on its way.
            on_tile: told of every tile.
            on_part: told how much of the frame is done, see `sweep`.
            axes: as for `segment`.
        """
        return np.asarray(self._mask(as_image(image, axes, self.plan), frame, on_band, on_tile, on_part))

    def _mask(self, image: Image, frame: int, on_band: OnBand | None, on_tile: OnTile | None, on_part: Part) -> Room:
        return self._cleaned(self._collected(image, frame, on_band, on_tile, on_part), image)

    def judged(self, image: Given, frame: int = 0, *, axes: str | None = None) -> tuple[np.ndarray, Expected | None]:
        """The mask of one frame, as `mask` makes it, and how good it probably is, where the model can tell.

        That is said of the mask of the most probable classes: what is done to it by `cleaning` is not judged.
        """
        image = as_image(image, axes, self.plan)
        if self.quality is None:
            return self.mask(image, frame), None
        tally = self.empty_tally()
        return self.mask(image, frame, on_tile=tally.look), self.quality.expect(tally, self.plan.classes)

    def empty_tally(self) -> Tally:
        """What tells how good a mask is, of a frame of which nothing was seen yet."""
        return Tally.empty(len(self.plan.classes), len(self.plan.channels))

    def objects(
        self, image: Given, frame: int = 0, on_band: OnBand | None = None, on_tile: OnTile | None = None, *,
        axes: str | None = None,
    ) -> np.ndarray:
        """Object numbers of one frame from 1 on, `(*space)`: uint16, or uint32 where there are more than 65,535.

        Raises:
            ModelError: the model was not trained to separate objects, or as for `bands`.
        """
        return np.asarray(self._objects(as_image(image, axes, self.plan), frame, on_band, on_tile, untold))

    def _objects(self, image: Image, frame: int, on_band: OnBand | None, on_tile: OnTile | None, on_part: Part) -> Room:
        if self.plan.separation is None:
            raise ModelError("The model was not trained to separate objects. Train one with objects=True, which is "
                             "--objects on the command line.")
        distances = room_for(image.space, np.uint8)
        mask = self._collected(image, frame, on_band, on_tile, on_part, distances)
        return self._cleaned(separated(mask, distances, self.plan.separation), image, numbered=True)

    def mask_and_distances(
        self, image: Given, frame: int = 0, on_band: OnBand | None = None, on_tile: OnTile | None = None, *,
        axes: str | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """What objects are made of, before they are cleaned: class numbers and edge distances, uint8 `(*space)`."""
        image = as_image(image, axes, self.plan)
        distances = np.empty(image.space, np.uint8)
        return np.asarray(self._collected(image, frame, on_band, on_tile, untold, distances)), distances

    def _collected(
        self, image: Image, frame: int, on_band: OnBand | None, on_tile: OnTile | None, on_part: Part,
        distances: Room | None = None,
    ) -> Room:
        """Class numbers of all bands, uint8 `(*space)`; and their distances, if there is room for these."""
        mask = room_for(image.space, np.uint8)
        for band in self.bands(image, frame, on_tile, on_part):
            mask[band.box] = self._classes(band)
            if distances is not None:
                distances[band.box] = band.distances
            if on_band:
                on_band(band)
            del band  # else it would be there still while the next one is made
        enlarged = math.prod(self.magnification(image) or ())
        return tidied(mask, self.plan.specks, alone=self.plan.main_object, unit=enlarged)

    def _classes(self, band: Band) -> np.ndarray:
        threshold = self.cleaning.threshold
        return band.classes if threshold is None else (band.probabilities[1] >= threshold).view(np.uint8)

    def _cleaned(self, mask: Room, image: Image, *, numbered: bool = False) -> Room:
        return clean(mask, self.cleaning, image.pixel_size, numbered=numbered).mask

    def probabilities(self, image: Given, frame: int = 0, *, axes: str | None = None) -> np.ndarray:
        """Probability of every class at every pixel of one frame, float32 `(classes with background, *space)`."""
        image = as_image(image, axes, self.plan)
        return gathered(self.bands(image, frame), image.space)[: self.engine.classes]

    def bands(
        self, image: Given, frame: int = 0, on_tile: OnTile | None = None, on_part: Part = untold, *,
        axes: str | None = None,
    ) -> Iterator[Band]:
        """Probabilities of one frame from top to bottom, with little of it in memory at a time.

        An image whose pixels have another size than those the network learned from, both known, is brought
        to that size first, and its probabilities back; this happens to the frame as a whole.

        Raises:
            ModelError: the image has other channels or another number of spatial axes than the model.
            FileError: the image holds NaN or infinity, or cannot be read.
        """
        image = self.fitted(as_image(image, axes, self.plan))
        factors = self.magnification(image)
        if factors is None:
            return sweep(self.engine, self.plan, image, frame, on_tile, on_part)
        space = tuple(max(1, round(length * factor)) for length, factor in zip(image.space, factors, strict=True))
        scaled = Image.from_array(resized(image.frame(frame), space), "C" + image.axes[2:], name=image.name)
        found = gathered(sweep(self.engine, self.plan, scaled, 0, on_tile, on_part), space)
        return iter([Band((0,) * len(space), resized(found, image.space), self.engine.classes)])

    def magnification(self, image: Image, *, typed: bool = False) -> tuple[float, ...] | None:
        """How much an image must be enlarged along each axis for its pixels to be of the size learned from.

        None where that is hardly at all, or where one of the sizes is unknown.

        Args:
            image: with the spatial axes of the model.
            typed: whether a command was typed, and advice names its options.

        Raises:
            ModelError: it is so much that one of the sizes must be wrong.
        """
        if self.zoom is not None:
            return None if 1 / SAME_SIZE < self.zoom < SAME_SIZE else (self.zoom,) * len(image.space)
        return magnification(image, self.plan, typed=typed)

    def fitted(self, image: Image, *, typed: bool = False) -> Image:
        """The image with the channels that the network wants, in its order.

        Args:
            image: any image.
            typed: whether a command was typed, and advice names its options.

        Raises:
            ModelError: the image has other channels or another number of spatial axes, naming what was expected.
        """
        return fitted(image, self.plan, typed=typed)
