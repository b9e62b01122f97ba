"""Which network: how wide, of how many stages, and how frames shrink from one to the next."""

from __future__ import annotations

import numpy as np

from morula.networks.architecture import PUBLISHED, Architecture
from morula.planning.given import Given, Pixels
from morula.settings import read_settings

WIDTH, QUICK_WIDTH = 16, 8
"""Features of the first stage, usually and where a quick network is asked for."""

DEEPEST = 5
"""Stages at most, of which folding is one: it shrinks frames as a stage does."""

SHORTEST = 4
"""No axis has fewer pixels than this in the last stage."""

SMALLEST_FOLDED = {2: 112, 3: 28}
"""Images and volumes with a shorter side, in binned pixels, are not folded: a voxel costs more than a pixel."""

DETAIL = {1: 0, 2: 0, 3: 8}
"""Features that correct what is drawn of folded pixels, by the number of spatial axes: sixteen features hardly hold the
eight voxels of a cube, and four pixels easily."""


def plan_architecture(given: Given, pixels: Pixels, reasons: list[str]) -> Architecture:
    settings, earlier = given.network, given.earlier
    classes = given.reading.classes
    fixed = {"inputs": len(given.image.channels), "outputs": 1 if classes == 1 else classes + 1,
             "distance": given.settings.objects, "axes": given.axes}
    if settings.network == "published":
        reasons.append("The network is that of the original work: 64 to 1024 features in 5 stages.")
        return read_settings(Architecture, PUBLISHED.model_dump() | fixed | settings.chosen)
    if earlier:
        kept = earlier.architecture.model_dump(exclude={"strides"} if settings.depth else None)
        reasons.append("The network is built as that of the earlier model, but for what was chosen otherwise.")
        return read_settings(Architecture, kept | fixed | settings.chosen)
    stem = settings.stem or plan_stem(given, pixels, reasons)
    planned = {"width": QUICK_WIDTH if given.settings.quick else WIDTH, "block": "residual", "stem": stem,
               "detail": DETAIL[given.axes] if stem > 1 else 0}
    if settings.depth is None:
        strides = plan_strides(pixels.typical / stem, pixels.spacing, DEEPEST - (stem > 1))
        planned["depth"] = len(strides) + 1
        if any(1 in stride for stride in strides):
            planned["strides"] = strides
    architecture = read_settings(Architecture, planned | fixed | settings.chosen)
    narrow, *_, wide = *architecture.features, architecture.features[-1]
    corrected = f", and {architecture.detail} of every voxel that correct what it draws" if architecture.detail else ""
    reasons.append(f"The network has {architecture.depth} stages with {narrow} to {wide} features{corrected}.")
    if len(set(architecture.multiple)) > 1:
        shrunk = " × ".join(f"1/{multiple}" for multiple in architecture.multiple)
        reasons.append(f"From the first stage to the last, a frame shrinks to {shrunk}: less along axes with longer or "
                       "fewer pixels.")
    return architecture


def plan_stem(given: Given, pixels: Pixels, reasons: list[str]) -> int:
    """So many pixels along each axis are folded into features.

    Three times as many steps in the same time are worth more than features of every pixel. Where frames are small,
    slices lie far apart, or objects must be told apart that touch, too little is left, and every pixel keeps its own.
    """
    small = given.axes == 1 or pixels.typical.min() < SMALLEST_FOLDED[given.axes]
    apart = pixels.spacing.max() >= 2 * pixels.spacing.min()
    fine = small or apart or given.settings.objects
    stem = 1 if fine else 2
    if stem > 1:
        what, size = {2: ("Squares", "pixels"), 3: ("Cubes", "voxels")}[given.axes]
        reasons.append(f"{what} of {' × '.join([str(stem)] * given.axes)} {size} are folded into features first, and "
                       "unfolded at the end: a step of learning then takes a third to a half of the time, and "
                       "segmenting a third.")
    return stem


def plan_strides(typical: np.ndarray, spacing: np.ndarray, deepest: int) -> tuple[tuple[int, ...], ...]:
    """How the axes shrink from stage to stage: at most `deepest` stages, fewer where a frame would vanish.

    An axis waits while its pixels are much longer than those of the others, so that a thick slice is not averaged
    with the next before its own pixels have grown as long (as in nnU-Net, doi 10.1038/s41592-020-01008-z).

    Args:
        typical: sides of a typical frame in pixels, `(axes,)`.
        spacing: lengths of a pixel along each axis, in any unit, `(axes,)`.
        deepest: stages at most.
    """
    sides, lengths, strides = np.array(typical, float), np.array(spacing, float), []
    for _ in range(deepest - 1):
        room = sides / 2 >= SHORTEST
        if not room.any():
            break
        halved = room & (lengths < 2 * lengths[room].min() * (1 - 1e-6))
        stride = np.where(halved, 2, 1)
        strides.append(tuple(stride.tolist()))
        sides, lengths = sides / stride, lengths * stride
    return tuple(strides)
