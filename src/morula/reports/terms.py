"""What the parts of an image are called, by the number of its spatial axes, and what a network is called."""

from __future__ import annotations

from dataclasses import dataclass

from morula.networks.architecture import Architecture, Block, Skips


@dataclass(frozen=True)
class Terms:
    """The words of a page or a paragraph that hang on the number of axes.

    Attributes:
        image: what is segmented as a whole.
        pixel: its smallest part.
        outline: where a class ends.
    """

    image: str
    pixel: str
    outline: str


TERMS = {
    1: Terms("profile", "point", "boundary"),
    2: Terms("image", "pixel", "outline"),
    3: Terms("volume", "voxel", "surface"),
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


def network_in_words(architecture: Architecture) -> str:
    """What a network is called in a sentence.

    >>> network_in_words(Architecture(axes=3, block="residual"))
    '3-D U-Net of residual blocks'
    """
    return f"{architecture.axes}-D {NETWORKS[architecture.skips]} of {BLOCKS[architecture.block]} blocks"


def large_number(count: float) -> str:
    """A count as one reads it, with three digits.

    >>> [large_number(count) for count in (950, 481_201, 1_234_000_000)]
    ['950', '481 thousand', '1.23 billion']
    """
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if count >= size:
            return f"{count / size:.3g} {name}"
    return f"{count:.0f}"
