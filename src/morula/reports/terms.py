"""What the parts of an image are called, by the number of its spatial axes; what networks and losses are called."""

from __future__ import annotations

from dataclasses import dataclass

from morula.networks.architecture import Architecture, Block, Skips
from morula.networks.objective import LossName, loss_terms


@dataclass(frozen=True)
class Terms:
    """The words of a page or a paragraph that hang on the number of axes.

    Attributes:
        image: what is segmented as a whole.
        pixel: its smallest part.
        outline: where a class ends.
        folds: what a stem folds into one, several of them.
    """

    image: str
    pixel: str
    outline: str
    folds: str


TERMS = {
    1: Terms("profile", "point", "boundary", "stretches"),
    2: Terms("image", "pixel", "outline", "squares"),
    3: Terms("volume", "voxel", "surface", "cubes"),
}

NETWORKS: dict[Skips, str] = {"unet": "U-Net", "unet+": "UNet+", "unet++": "UNet++"}
BLOCKS: dict[Block, str] = {
    "conv": "convolutional",
    "residual": "residual",
    "dense": "densely connected",
    "inception": "Inception",
    "nested": "nested",
    "convnext": "ConvNeXt",
}

LOSSES: dict[LossName, str] = {
    "dice": "Dice loss",
    "jaccard": "Jaccard loss",
    "tversky": "Tversky loss",
    "cross_entropy": "cross-entropy",
    "focal": "focal loss",
    "topk": "top-k cross-entropy",
    "brier": "Brier score",
}


def loss_in_words(loss: str) -> str:
    """What a loss is called in a sentence.

    >>> loss_in_words("dice + cross_entropy")
    'the sum of Dice loss and cross-entropy'
    >>> loss_in_words("dice + 0.5 focal")
    'the sum of Dice loss and 0.5 × focal loss'
    """
    *others, last = (LOSSES[name] if weight == 1 else f"{weight:g} × {LOSSES[name]}"
                     for name, weight in loss_terms(loss).items())
    return f"the sum of {', '.join(others)} and {last}" if others else last


def network_in_words(architecture: Architecture) -> str:
    """What a network is called in a sentence.

    >>> network_in_words(Architecture(axes=3, block="residual"))
    '3-D U-Net of residual blocks'
    >>> network_in_words(Architecture(stem=2))
    '2-D U-Net of convolutional blocks over squares of 2 × 2 pixels'
    >>> network_in_words(Architecture(axes=3, stem=2, detail=8))
    '3-D U-Net of convolutional blocks over cubes of 2 × 2 × 2 voxels, whose maps are corrected at each voxel'
    """
    axes, side, terms = architecture.axes, architecture.stem, TERMS[architecture.axes]
    folded = f" over {terms.folds} of {' × '.join([str(side)] * axes)} {terms.pixel}s" if side > 1 else ""
    corrected = f", whose maps are corrected at each {terms.pixel}" if architecture.detail else ""
    return f"{axes}-D {NETWORKS[architecture.skips]} of {BLOCKS[architecture.block]} blocks{folded}{corrected}"


def large_number(count: float) -> str:
    """A count as one reads it, with three digits.

    >>> [large_number(count) for count in (950, 481_201, 1_234_000_000)]
    ['950', '481 thousand', '1.23 billion']
    """
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if count >= size:
            return f"{count / size:.3g} {name}"
    return f"{count:.0f}"
