"""A trained model: load, save, segment arrays of any size."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from morula.errors import FileError, ModelError
from morula.images.image import Box, Image
from morula.models.engines import Engine, Precision
from morula.models.file import Contents, read_model, write_model
from morula.models.plan import Plan
from morula.models.preprocessing import Levels, binned, measure_levels
from morula.models.tiles import Span, cover, mirrored
from morula.networks.unet import UNet

TILE = {1: 65536, 2: 512, 3: 96}
"""Side of a tile in binned pixels, by the number of spatial axes."""
OVERLAP = {1: 256, 2: 96, 3: 32}
"""How much neighbouring tiles share, likewise."""
LARGEST_SAMPLE = 64_000_000
"""Pixels of a frame that are read to measure its intensities; of a larger one, evenly spread parts."""


@dataclass(frozen=True)
class Band:
    """Finished rows of a frame.

    Attributes:
        start: first row (first spatial axis) in the frame.
        probabilities: float32 `(classes with background, rows, *rest)`; they sum to 1 over the classes.
    """

    start: int
    probabilities: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """The most probable class of each pixel, uint8 `(rows, *rest)`."""
        return self.probabilities.argmax(0).astype(np.uint8)


@dataclass(frozen=True)
class Model:
    """What training leaves behind.

    Attributes:
        network: the trained network.
        plan: how images must be prepared for it.
        record: where it came from, how training went, how good it was on the validation images.
        precision: the number format to compute in.
        flips: whether predictions are averaged over mirror images, where the network has learned from such.
    """

    network: UNet
    plan: Plan
    record: dict[str, Any] = field(default_factory=dict)
    precision: Precision = "auto"
    flips: bool = True

    @classmethod
    def load(cls, path: str | Path, precision: Precision = "auto") -> Model:
        """Read a model and check that it still computes what it did when it was saved.

        Raises:
            ModelError: no such file; damaged; not a model of Morula; or the self-test failed.
        """
        contents = read_model(Path(path))
        model = cls(contents.network, contents.plan, contents.record, precision)
        expected, computed = contents.self_test["output"], model.engine.once(contents.self_test["input"])
        # bfloat16 keeps 8 bits; through a whole network its errors reach a few hundredths.
        worst = (expected - computed).abs().max().item() if expected.shape == computed.shape else float("inf")
        if not worst < (0.1 if model.engine.reduced else 0.01):
            raise ModelError(f"{path}: the model computes something else than when it was saved (its self-test is "
                             f"off by {worst:.3g}). Copy it again from where it came, or train again.")
        return model

    def save(self, path: str | Path) -> None:
        """Write the model to one file, with a self-test, whole or not at all."""
        architecture = self.plan.architecture
        sides = [max(32, architecture.multiple)] * architecture.axes
        noise = torch.Generator().manual_seed(0)
        images = torch.randn(1, architecture.inputs, *sides, generator=noise)
        probabilities = Engine(self.network, "float32")(images)
        self_test = {"input": images, "output": probabilities}
        write_model(Path(path), Contents(self.plan, self.network, self.record, self_test))

    @cached_property
    def engine(self) -> Engine:
        """The network made ready for this processor, once."""
        return Engine(self.network, self.precision, flips=self.flips and self.plan.augmentation.symmetries)

    @cached_property
    def fingerprint(self) -> str:
        """Twelve letters and digits that are the same for equal models only."""
        digest = hashlib.sha256(self.plan.model_dump_json().encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().numpy().tobytes())
        return digest.hexdigest()[:12]

    def segment(self, image: np.ndarray | Image, axes: str | None = None) -> np.ndarray:
        """Class numbers of every pixel.

        Args:
            image: an Image, or an array whose axes are `axes`, letters of `TCZYX`. Left out, they are
                `YX` or, for a model of several channels, `YXC` (volumes: `ZYX`, `ZYXC`).

        Returns:
            uint8 `(*space)`, or `(frames, *space)` if there are several frames.

        Raises:
            ModelError: the image has other channels or another number of spatial axes than the model.
        """
        source = image if isinstance(image, Image) else self._as_image(image, axes)
        masks = np.stack([self.mask(source, frame) for frame in range(source.frames)])
        return masks[0] if source.frames == 1 else masks

    def mask(self, image: Image, frame: int = 0) -> np.ndarray:
        """Class numbers of one frame, uint8 `(*space)`."""
        mask = np.empty(image.space, np.uint8)
        for band in self.bands(image, frame):
            mask[band.start : band.start + band.probabilities.shape[1]] = band.classes
        return mask

    def probabilities(self, image: Image, frame: int = 0) -> np.ndarray:
        """Probability of every class at every pixel of one frame, float32 `(classes with background, *space)`."""
        return np.concatenate([band.probabilities for band in self.bands(image, frame)], axis=1)

    def bands(self, image: Image, frame: int = 0) -> Iterator[Band]:
        """One frame from top to bottom, so that memory holds two rows of tiles and no more.

        Raises:
            ModelError: the image has other channels or another number of spatial axes than the model.
            FileError: the image holds NaN or infinity, or cannot be read.
        """
        self.check_fit(image)
        levels = measure_levels(_finite(_sample(image, frame), image), self.plan.intensity)
        binning, multiple = self.plan.binning, self.engine.multiple
        axes = len(image.space)
        spans = [cover(-(-length // factor), TILE[axes], OVERLAP[axes], multiple)
                 for length, factor in zip(image.space, binning, strict=True)]
        rows, columns = spans[0], list(itertools.product(*spans[1:]))
        carried = None
        for index, row in enumerate(rows):
            band = np.zeros((len(self.plan.classes) + 1, row.size * binning[0], *image.space[1:]), np.float32)
            if carried is not None:
                band[:, : carried.shape[1]] += carried
            for place in columns:
                self._add_tile(band, image, frame, levels, (row, *place))
            start = row.start * binning[0]
            last = index == len(rows) - 1
            finished = (image.space[0] if last else rows[index + 1].start * binning[0]) - start
            yield Band(start, band[:, :finished])
            carried = band[:, finished:]

    def _add_tile(self, band: np.ndarray, image: Image, frame: int, levels: Levels, place: tuple[Span, ...]) -> None:
        """Run the network on one tile and blend its probabilities into the band."""
        binning = self.plan.binning
        pixels = _read_mirrored(image, frame, [
            (span.start * factor, span.stop * factor) for span, factor in zip(place, binning, strict=True)])
        prepared = binned(levels.apply(_finite(pixels, image)), binning)
        found = self.engine(torch.from_numpy(prepared)[None])
        if set(binning) != {1}:
            mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(binning)]
            found = F.interpolate(found, scale_factor=tuple(map(float, binning)), mode=mode, align_corners=False)
        tile = found[0].numpy()
        target: list[slice] = [slice(None), slice(None)]
        for axis, (span, factor) in enumerate(zip(place, binning, strict=True)):
            weights = np.repeat(span.weights, factor)
            tile = tile * weights.reshape(-1, *[1] * (len(place) - 1 - axis))
            if axis:
                stop = min(span.stop * factor, image.space[axis])
                target.append(slice(span.start * factor, stop))
        inside = (slice(None), slice(None), *(slice(0, part.stop - part.start) for part in target[2:]))
        band[tuple(target)] += tile[inside]

    def check_fit(self, image: Image) -> None:
        """Refuse an image that the network cannot take.

        Raises:
            ModelError: naming what was expected and what came.
        """
        source = image.path or image.name
        wanted = self.plan.architecture
        if len(image.space) != wanted.axes:
            raise ModelError(f"{source}: the model was trained on {wanted.axes}-D images, this one is "
                             f"{len(image.space)}-D (axes {image.axes}). If axes were misread, name them with --axes.")
        if len(image.channels) != wanted.inputs:
            raise ModelError(f"{source}: the model expects the channels {', '.join(self.plan.channels)}; "
                             f"this image has {', '.join(image.channels)}.")

    def _as_image(self, array: np.ndarray, axes: str | None) -> Image:
        array = np.asarray(array)
        if axes is None:
            space = "ZYX"[-self.plan.architecture.axes :]
            axes = space + "C" if array.ndim == len(space) + 1 and self.plan.architecture.inputs > 1 else space
        try:
            return Image.from_array(array, axes)
        except ValueError as error:
            raise ModelError(f"{error}. Name the axes: model.segment(array, axes=\"TYX\").") from error


def _sample(image: Image, frame: int) -> np.ndarray:
    """Pixels to measure the intensities of a frame from: all of them, or rows spread evenly over a huge one."""
    if np.prod(image.space) <= LARGEST_SAMPLE:
        return image.frame(frame)
    height = image.space[0]
    rows = max(1, int(LARGEST_SAMPLE / np.prod(image.space[1:]) / 16))
    starts = np.linspace(0, height - rows, 16).astype(int)
    return np.concatenate([image.region(frame, (slice(start, start + rows), *image.whole[1:])) for start in starts], 1)


def _finite(pixels: np.ndarray, image: Image) -> np.ndarray:
    """The same pixels, if all are numbers: one that is none would make a whole tile background, unnoticed."""
    if not np.isfinite(pixels).all():
        raise FileError(f"{image.path or image.name}: the image holds NaN or infinity. Replace them with a number, "
                        "such as 0, and save the image again.")  # fmt: skip
    return pixels


def _read_mirrored(image: Image, frame: int, edges: list[tuple[int, int]]) -> np.ndarray:
    """A region that may reach beyond the frame, where it is mirrored."""
    indices = [mirrored(start, stop, length) for (start, stop), length in zip(edges, image.space, strict=True)]
    box: Box = tuple(slice(int(index.min()), int(index.max()) + 1) for index in indices)
    pixels = image.region(frame, box)
    return pixels[(slice(None), *np.ix_(*(index - part.start for index, part in zip(indices, box, strict=True))))]
