"""How widely everything is drawn: the whole world in one table.

Lengths are shares of the shorter side of a frame unless they are said to be of a body's radius, or in pixels; grey
levels go from 0 (black) to 1 (white). A real picture must look like one more draw, so ranges are broad rather than
pretty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, all as likely; those of a logarithmic one are as likely in each octave."""

    low: float
    high: float
    logarithmic: bool = False

    def drawn(self, rng: np.random.Generator) -> float:
        """One of them."""
        if self.logarithmic:
            return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))
        return float(rng.uniform(self.low, self.high))


def octaves(low: float, high: float) -> Range:
    """Numbers between two ends, as likely in each octave."""
    return Range(low, high, logarithmic=True)


# How many bodies there are, and how large.

EMPTY = 0.05
"""The share of fields without any body."""
ALONE = 0.5
"""The share of fields with one."""
FEW = (2, 4)
"""As many are in half of the others."""
MANY = (5, 24)
"""As many in the rest."""
RADIUS_ALONE = octaves(0.08, 0.43)
"""The radius of one that is alone."""
RADIUS_FEW = octaves(0.06, 0.22)
"""That of each of a few."""
RADIUS_MANY = octaves(0.035, 0.1)
"""That of each of many."""
SPREAD = Range(0.0, 0.8)
"""How much radii in one field differ: the standard deviation of their logarithm."""
LARGEST = 0.43
"""No body has a larger radius."""
SMALLEST = 5.0
"""Pixels: no body has a smaller radius."""
CUT = 0.25
"""The share of bodies that may stick out of the frame."""
TOUCHING = 0.2
"""The share of fields in which bodies may touch or overlap."""

# What a body looks like from above.

ELONGATION = Range(1.0, 1.7)
"""The long axis over the short one."""
ROUGHNESS = octaves(0.01, 0.12)
"""The height of the waves of the outline, in radii: their standard deviation."""
STEEPNESS = Range(0.8, 2.2)
"""How fast waves get lower as they get shorter: the power of their number to a turn."""
TIP = Range(0.15, 0.6)
"""How far a tip stands out, in radii."""
TIP_WIDTH = Range(0.25, 0.6)
"""Its half-width in radians."""
BUDS = (1, 7)
"""How many buds a budding organoid has."""
BUD = Range(0.25, 0.55)
"""Their radius, in radii of the body."""
PIECES = (2, 6)
"""How many pieces a broken body has."""
PIECE = Range(0.3, 0.75)
"""Their radius, in radii of the body."""
LOBES = (1, 4)
"""How many lobes hang on the first of a lobed body, or on each other."""
LOBE = Range(0.3, 0.9)
"""Their radius, in radii of the first."""
NECK = Range(0.02, 0.35)
"""How far they reach into each other, in radii of the smaller: little, and they hang on a thread."""
WALL = Range(0.12, 0.35)
"""How thick the wall of a hollow body is, in radii."""

# What a body sheds.

SHEDDING = 0.75
"""The share of fields with shed cells."""
CELL = octaves(0.006, 0.02)
"""The radius of a shed cell."""
SINGLES = (0, 160)
"""How many lie about singly."""
REACH = octaves(0.03, 0.4)
"""How far from the rim: the mean."""
CLUSTERS = (0, 6)
"""How many clusters have come off."""
HEAPS = (0, 4)
"""How many heaps sit on rims and hide them."""
HEAP_WIDTH = Range(0.1, 0.45)
"""How wide they are along the rim, in radians: the standard deviation."""
HEAP_HEIGHT = Range(0.05, 0.22)
"""How high, in radii of the body."""
BLURRED = Range(0.0, 0.5)
"""The share of cells that are out of focus."""

# What lies around.

SURROUNDED = 0.55
"""The share of fields in which a wall, a rim of gel or rings are seen."""
LOUDEST = Range(0.5, 3.5)
"""How much what surrounds bodies may stand out, at most, as a multiple of how much these do."""
DIRT = 0.35
"""The share of fields with dust, fibres, scratches or bubbles."""
DUST = (1, 30)
"""How many grains of dust there are."""
BUBBLE = octaves(0.01, 0.15)
"""The radius of a bubble of air."""

# How it is imaged.

FLOOR = {
    "phase contrast": Range(0.02, 0.3), "brightfield": Range(0.4, 0.9), "dark on light": Range(0.5, 0.95),
    "relief": Range(0.35, 0.6), "fluorescence": Range(0.0, 0.12), "anything": Range(0.05, 0.95),
}
"""The grey level where nothing lies, under each microscope."""
BODY = {
    "phase contrast": Range(0.12, 0.5), "brightfield": Range(-0.4, -0.03), "dark on light": Range(-0.75, -0.2),
    "relief": Range(-0.08, 0.05), "fluorescence": Range(0.12, 0.85), "anything": Range(-0.6, 0.6),
}
"""How much lighter a body is."""
RIM = {
    "phase contrast": Range(0.0, 0.3), "brightfield": Range(-0.35, 0.1), "dark on light": Range(-0.15, 0.15),
    "relief": Range(-0.1, 0.1), "fluorescence": Range(-0.1, 0.25), "anything": Range(-0.35, 0.35),
}
"""How much lighter its rim is than its middle."""
RIM_WIDTH = octaves(0.03, 0.35)
"""How wide the rim is, in radii."""
HALO = {
    "phase contrast": Range(-0.03, 0.25), "brightfield": Range(-0.08, 0.25), "dark on light": Range(-0.02, 0.12),
    "relief": Range(-0.05, 0.05), "fluorescence": Range(0.0, 0.15), "anything": Range(-0.2, 0.25),
}
"""How much lighter it is just outside."""
HALO_WIDTH = octaves(0.01, 0.15)
"""How wide the halo is, in radii."""
EDGE = octaves(0.008, 0.08)
"""The half-width of the step from body to floor, in radii."""
DOME = Range(-0.35, 0.35)
"""How much lighter the middle of a body is than what lies halfway to its rim, as a share of its contrast."""
GRAIN = octaves(0.01, 0.14)
"""The standard deviation of the finer texture of a body."""
GRAIN_WIDTH = octaves(0.5, 4.0)
"""Its width in pixels."""
MOTTLE = octaves(0.01, 0.15)
"""The standard deviation of the coarser texture of a body."""
MOTTLE_WIDTH = octaves(0.06, 0.4)
"""Its width, in radii."""
FLOOR_GRAIN = octaves(0.002, 0.05)
"""The standard deviation of the texture of the floor; at most a third of how much bodies stand out."""
FLOOR_WIDTH = octaves(1.0, 25.0)
"""Its width in pixels."""
DARK_PATCH = Range(0.2, 0.7)
"""How much darker a dark patch at the tip is, as a share of the level there."""
CELL_CONTRAST = Range(0.05, 0.5)
"""How far the levels of shed cells lie from the floor."""
RELIEF = octaves(0.15, 0.9)
"""How strong light and shade are in relief."""

# What the camera makes of it.

BLUR = octaves(0.25, 2.2)
"""The blur of the optics in pixels: a standard deviation."""
MOVED = 0.05
"""The share of frames that moved while the shutter was open."""
UNEVEN = Range(0.0, 0.3)
"""How much the light changes across the frame."""
VIGNETTE = Range(0.0, 0.5)
"""How much darker corners are than the middle, in a third of the fields."""
NOISE = octaves(0.002, 0.06)
"""The standard deviation of the noise."""
GAMMA = octaves(0.6, 1.6)
"""The power of what the camera makes of light."""
INVERTED = 0.06
"""The share of frames that are turned into their negative."""
BURNT = 0.12
"""The share of frames with a scale bar, a time stamp or other marks burnt in."""
COMPRESSED = 0.12
"""The share of frames that were kept as JPEG."""
COARSE = 0.08
"""The share of frames of few grey levels."""
CLIPPED = 0.1
"""The share of frames that were exposed too long or too short."""
