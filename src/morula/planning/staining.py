"""Whether channels are the colours of a picture, which are scaled together and vary as stains and lamps do."""

from __future__ import annotations

from morula.images.colours import COLOURS
from morula.models.plan import Augmentation, Intensity
from morula.planning.given import Given

MIXING, BALANCE, SHIFT = 0.3, 1.5, 0.3
"""How far colours are mixed, weighed and shifted at most, see `Augmentation`: the shift beyond the usual one."""
FEW = 10
"""So many groups show few of the colours there are; of more, each tells what others do not have to invent."""


def plan_intensity(given: Given, reasons: list[str]) -> Intensity:
    """Colours keep their relation; other channels mean something each."""
    if given.earlier:
        return given.earlier.intensity
    channels = given.image.channels
    if len(channels) not in (3, 4) or channels[:3] != COLOURS:
        return Intensity(channels="each")
    reasons.append("Channels are scaled together, so that colours stay what they are.")
    return Intensity(channels="together")


def plan_colours(given: Given, augmentation: Augmentation, intensity: Intensity, reasons: list[str]) -> Augmentation:
    """Where channels are colours, these vary, too, the more the fewer groups show how much they do by themselves."""
    if intensity.channels != "together":
        return augmentation
    part = min(1.0, FEW / len({frame.group for frame in given.frames}))
    reasons.append("Colours vary while the network learns, as if slides were stained and lit otherwise"
                   + (", the less the more images there are." if part < 1 else "."))
    return augmentation.model_copy(update={
        "mixing": round(MIXING * part, 3), "balance": round(BALANCE**part, 3),
        "colour": round(augmentation.colour + SHIFT * part, 3)})
