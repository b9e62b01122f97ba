"""What a training begins with: what fits its network of an earlier model, or of what was learned from drawings.

Of an earlier model, layers are matched by their names, channels and classes too.

What is new begins at zero: a channel that the first layer does not see yet, a class that the last layer does not
draw yet. So the new network is at first as good as the earlier one at what both know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from morula.models.model import Model
from morula.models.plan import Plan
from morula.models.start import start_of
from morula.networks.architecture import Architecture
from morula.networks.tensor_shapes import growing, shapes_of
from morula.pairs.named_classes import alike

CORRECTING = "detail."
"""Layers that see channels beside maps of classes, and mean these as they were."""
NAMED = 3
"""Layers that are named before the rest is counted."""


@dataclass(frozen=True)
class Transfer:
    """What a new network takes over.

    Attributes:
        weights: tensors of an earlier network in the shape of the new one, by their names.
        sentences: what was taken over and what was not.
        source: which file they come from, as nothing but that file is called; None where there is none.
    """

    weights: dict[str, Tensor]
    sentences: tuple[str, ...]
    source: str | None = None


def transfer(earlier: Model | None, plan: Plan) -> Transfer:
    """The weights of an earlier model that fit the network of a plan: same name, same shape.

    Channels and classes are matched by their names, whatever their order and number.

    Args:
        earlier: the model to go on from; None to begin from nothing.
        plan: of the new network.
    """
    if earlier is None:
        return Transfer({}, ())
    shapes, before = shapes_of(plan.architecture), earlier.plan.architecture
    reading = _growing_alike(before, plan.architecture, "inputs")
    drawing = _growing_alike(before, plan.architecture, "outputs")
    channels = Names(earlier.plan.channels, plan.channels)
    classes = Names(*alike(earlier.plan.classes, plan.classes))
    fitting: dict[str, Tensor] = {}
    for name, tensor in earlier.network.state_dict().items():
        if name.startswith(CORRECTING) and not (channels.same and classes.same):
            continue
        if name in reading:
            tensor = _by_channel(tensor, reading[name], channels)
        elif name in drawing:
            tensor = _by_class(tensor, drawing[name], classes, before, plan.architecture)
        if tensor.shape == shapes.get(name):
            fitting[name] = tensor
    return Transfer(fitting, (
        f"Took over {len(fitting)} of {len(shapes)} tensors from the earlier model.",
        *channels.sentences("first", not fitting.keys().isdisjoint(reading)),
        *classes.sentences("last", not fitting.keys().isdisjoint(drawing)),
        *_afresh([name for name in shapes if name not in fitting]),
    ), earlier.fingerprint)


def begin(plan: Plan) -> Transfer:
    """What fits the network of a plan of what was learned from drawings; nothing where nothing does."""
    one = start_of(plan)
    if one is None:
        return Transfer({}, ())
    return Transfer(one.fitted(plan), ("It begins with what was learned from drawings of many kinds.",), one.name)


@dataclass(frozen=True)
class Names:
    """What an earlier model and a new one call their channels or classes."""

    earlier: tuple[str, ...]
    now: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing has changed."""
        return self.earlier == self.now

    @property
    def known(self) -> list[str]:
        """Those of now that the earlier model has as well."""
        return [name for name in self.now if name in self.earlier]

    def sentences(self, layer: str, kept: bool) -> list[str]:
        """What became of a layer; nothing where nothing has changed."""
        if self.same:
            return []
        if not kept:
            return [f"Its {layer} layer starts afresh: it was for {', '.join(self.earlier)}, and this one is for "
                    f"{', '.join(self.now)}."]
        new = [name for name in self.now if name not in self.earlier]
        begins = f"; {', '.join(new)} {'begins' if len(new) == 1 else 'begin'} at zero" if new else ""
        return [f"Its {layer} layer keeps what it learned of {', '.join(self.known)}{begins}."]


def _growing_alike(before: Architecture, now: Architecture, what: Literal["inputs", "outputs"]) -> dict[str, int]:
    """Tensors that grow along the same axis in both; a head that unfolds pixels has its classes along another."""
    earlier = growing(before, what)
    return {name: axis for name, axis in growing(now, what).items() if earlier.get(name) == axis}


def _by_channel(tensor: Tensor, axis: int, channels: Names) -> Tensor:
    """Kernels in the order of the channels now; where blocks join channels with features, channels come first."""
    if not channels.known:
        return tensor.new_empty(0)
    kernels = dict(zip(channels.earlier, tensor.unbind(axis), strict=False))
    unseen = torch.zeros_like(tensor.select(axis, 0))
    ordered = torch.stack([kernels.get(name, unseen) for name in channels.now], axis)
    features = tensor.narrow(axis, len(channels.earlier), tensor.shape[axis] - len(channels.earlier))
    return torch.cat([ordered, features], axis)


def _by_class(tensor: Tensor, axis: int, classes: Names, earlier: Architecture, now: Architecture) -> Tensor:
    """Rows of a head in the order of the classes now; a lone row stands against a background of zeros.

    The row of distances comes last, where there is one.
    """
    if not classes.known:
        return tensor.new_empty(0)
    rows = tensor.movedim(axis, 0)
    tensor, distance = rows[: earlier.outputs], rows[earlier.outputs :]
    both = torch.cat([torch.zeros_like(tensor), tensor]) if len(tensor) == 1 else tensor
    known = dict(zip(("background", *classes.earlier), both, strict=True))
    ordered = torch.stack([known.get(name, torch.zeros_like(both[0])) for name in ("background", *classes.now)])
    if len(classes.now) == 1:
        ordered = ordered[1:] - ordered[:1]
    if now.distance and not earlier.distance:
        distance = torch.zeros_like(ordered[:1])
    return (torch.cat([ordered, distance]) if now.distance else ordered).movedim(0, axis)


def _afresh(tensors: Sequence[str]) -> list[str]:
    """The layers that have nothing to take over."""
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in tensors))
    if not layers:
        return []
    more = f" and {len(layers) - NAMED} more layers" if len(layers) > NAMED else ""
    return [f"Started afresh: {', '.join(layers[:NAMED])}{more}."]
