"""Layers become images as a model wants them, and masks of these become labels as layers have them.

A network sees planes, or volumes; whatever axes a layer has beside these, each plane or volume is seen by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.errors import ModelError
from morula.images.given_arrays import given_array
from morula.images.image import Image

if TYPE_CHECKING:
    from napari.layers import Layer


@dataclass(frozen=True)
class LayerImage:
    """What a layer shows, as an image.

    Attributes:
        image: with a frame for each plane or volume.
        beside: the lengths of the layer's axes that are neither channels nor seen at once by the network.
        order: the place in the layer of each of those axes, then of those that are seen at once.
        channel: the place in the layer of the axis of channels; None where it has none.
    """

    image: Image
    beside: tuple[int, ...]
    order: tuple[int, ...]
    channel: int | None = None

    def as_layer(self, masks: np.ndarray) -> np.ndarray:
        """Masks `(frames, *space)` with the axes of the layer; alike in all channels."""
        masks = masks.reshape(*self.beside, *masks.shape[1:])
        if self.channel is None:
            return masks.transpose(np.argsort(self.order))
        without = [place - (place > self.channel) for place in self.order]
        masks = np.expand_dims(masks.transpose(np.argsort(without)), self.channel)
        return np.repeat(masks, len(self.image.channels), self.channel)

    def step_of(self, frame: int) -> dict[int, int]:
        """The steps along the layer's axes, by their places, that show a frame."""
        steps = np.unravel_index(frame, self.beside) if self.beside else ()
        return {place: int(step) for place, step in zip(self.order, steps, strict=False)}


def image_of(layer: Layer, axes: int) -> LayerImage:
    """What a layer shows to a network of planes (2 axes) or volumes (3).

    Raises:
        ModelError: the layer has fewer axes than the network, or too many to be told apart.
    """
    known = given_array(layer)
    array: Any = known.array
    colours = array.ndim - 1 if known.colours else None
    places = [place for place in range(array.ndim) if place != colours]
    letters = dict(zip(places, known.axes, strict=False)) if known.axes else {}
    channel = colours if known.colours else next((place for place in places if letters.get(place) == "C"), None)
    places = [place for place in places if place != channel]
    named = [place for letter in "ZYX"[-axes:] for place in places if letters.get(place) == letter]
    seen = named if letters else places[-axes:]
    if len(seen) < axes:
        raise ModelError(f"The layer {layer.name} has planes, and this network sees volumes: it needs an axis z. If it "
                         "has one, call it so in napari's console: layer.axis_labels = ('z', 'y', 'x').")
    beside = [place for place in places if place not in seen]
    channels = [] if channel is None else [channel]
    array = array.transpose([*beside, *channels, *seen])
    lengths = tuple(array.shape[: len(beside)])
    array = array.reshape(math.prod(lengths), *array.shape[len(beside):])
    sizes = tuple(known.steps[place] or 0.0 for place in seen)
    image = Image.from_array(array, "T" + "C" * len(channels) + "ZYX"[-axes:], name=known.name, channels=known.channels,
                             pixel_size=sizes if all(sizes) else None)
    order = (*beside, *seen)
    return LayerImage(image, lengths, order, None if known.colours else channel)


def joined_images(layers: Sequence[Layer], channels: Sequence[str], axes: int) -> LayerImage:
    """Layers that hold a channel each, as one image with these channels.

    Raises:
        ModelError: they differ in size, or as for `image_of`.
    """
    first, *others = (image_of(layer, axes) for layer in layers)
    if not others:
        return first
    for other in others:
        if (other.image.space, other.image.frames) != (first.image.space, first.image.frames):
            raise ModelError(f"The layers {first.image.name} ({first.image.extent}) and {other.image.name} "
                             f"({other.image.extent}) differ in size, and the channels of an image do not.")
    joined = first.image.beside([other.image for other in others], channels)
    return LayerImage(joined, first.beside, first.order, first.channel)
