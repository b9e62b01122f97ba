"""Which channels of an image are meant: chosen by name or number, and matched with those that are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from morula.errors import FileError
from morula.images.image import Image
from morula.plurals import listed


@dataclass(frozen=True)
class ChannelMatch:
    """Where the wanted channels stand in an image.

    Attributes:
        places: of each wanted channel, counted from 0.
        sentence: how they were found; empty where the image has just the wanted channels.
        sure: names say so, and not the order alone.
    """

    places: tuple[int, ...]
    sentence: str = ""
    sure: bool = True


def match_channels(found: Sequence[str], wanted: Sequence[str]) -> ChannelMatch | None:
    """Where the channels `wanted` stand among those `found`; None where that would be a guess.

    Names decide, whatever their case and order, and further channels are passed over. Only where one side has no
    names at all, as many channels as are wanted are taken in their order.

    >>> match_channels(("GFP", "DAPI", "BF"), ("DAPI", "GFP")).places
    (1, 0)
    >>> match_channels(("GFP", "RFP"), ("DAPI", "GFP")) is None
    True
    """
    if tuple(found) == tuple(wanted):
        return ChannelMatch(tuple(range(len(found))))
    shown = f"{'channel' if len(found) == 1 else 'channels'} {', '.join(found)}"
    names = [name.casefold() for name in found]
    sought = [name.casefold() for name in wanted]
    if are_unnamed(found) or are_unnamed(wanted):
        if len(found) != len(wanted):
            return None
        sentence = f"{shown} taken in this order, as {', '.join(wanted)}"
        return ChannelMatch(tuple(range(len(found))), sentence, sure=False)
    if any(names.count(name) != 1 for name in sought):
        return None
    return ChannelMatch(tuple(map(names.index, sought)), f"{shown} taken by name, as {', '.join(wanted)}")


def choose_channels(image: Image, chosen: Sequence[str]) -> Image:
    """The image with only the chosen channels, in the order chosen.

    Args:
        image: any image.
        chosen: names, or numbers from 1; what is a name is no number.

    Raises:
        FileError: the image has no such channel, or one is chosen twice.
    """
    places = []
    for word in chosen:
        if word in image.channels:
            places.append(image.channels.index(word))
        elif word.isdecimal() and 1 <= int(word) <= len(image.channels):
            places.append(int(word) - 1)
        else:
            raise FileError(
                f"{image.path or image.name} has the channels {listed(image.channels)}, and {word} is none "
                "of them. Choose with --use-channels by name, or by number from 1."
            )
    if len(set(places)) < len(places):
        raise FileError(
            f"{image.path or image.name} has the channels {listed(image.channels)}, of which --use-channels "
            f"{','.join(chosen)} takes one twice. Name each once."
        )
    return image.take_channels(places, [image.channels[place] for place in places])


def are_unnamed(channels: Sequence[str]) -> bool:
    """Whether these are the names of channels that nobody named."""
    return all(re.fullmatch(r"grey|channel \d+", name) for name in channels)
