"""How widely things in general are drawn: all ranges in one table.

Lengths are in pixels of a row unless they are said to be shares of something. Light is counted in contrasts: 1 is about
how much a thing stands out. A real picture must look like one more draw, so ranges are broad rather than pretty.
"""

from __future__ import annotations

from morula.worlds.ranges import Range, octaves

EMPTY = 0.03
"""The share of pictures in which nothing lies."""

# How things are and lie.

RADIUS = octaves(4, 80)
"""The radius of cells and nuclei; at most two fifths of the frame."""
SPREAD = Range(0.0, 0.45)
"""How much sizes in one picture differ: the standard deviation of the logarithm."""
ELONGATION = Range(1.0, 5.0)
"""The long axis of a cell over its short one; short ones are more common."""
BEND = octaves(0.02, 0.4)
"""How crooked outlines are, in radii."""
COVER = octaves(0.12, 1.8)
"""Which share of the frame things would cover if all found room."""
CLOSENESS = Range(0.6, 1.3)
"""How near centres may come, as a share of the sum of both radii."""
MANY = 260
"""How many things there are at most in one picture."""
HEAPED = 0.3
"""The share of pictures in which things lie in heaps."""
ALIGNED = 0.25
"""The share in which they lie the same way round."""
OVER = 0.4
"""The share in which one may hide a part of another; in the others they meet in a seam."""

NUCLEUS_RADIUS = octaves(5, 30)
"""The radius of nuclei in stained tissue."""
RED_RADIUS = octaves(7, 34)
"""The radius of red cells in smears."""
NUCLEI_COVER = octaves(0.08, 1.0)
"""Which share of stained tissue its nuclei would cover."""

# Cells that fill space.

CELL_SIZE = octaves(13, 90)
"""From side to side of a cell."""
CELL_SPREAD = Range(0.05, 0.9)
"""How much such sizes differ: the standard deviation of the logarithm."""
SEAM = octaves(1.2, 6.0)
"""How wide membranes are; at most a sixth of a cell."""
STRETCH = Range(1.0, 2.5)
"""How long cells are beside their width, in half of the pictures."""
SEAM_UNEVEN = Range(0.0, 0.4)
"""How much the width of membranes differs from place to place."""
SEAM_BEND = Range(0.02, 0.22)
"""How crooked membranes are, in sizes of a cell."""

# Tubes.

TUBE = octaves(1.5, 14)
"""The radius of tubes, fibres and vessels."""
TUBES = octaves(0.3, 2.0)
"""How many there are: 1 is a frame that they nearly fill side by side."""
TUBE_BEND = octaves(0.08, 1.5)
"""How fast they turn."""
FORKS = octaves(0.5, 4.0)
"""How many tubes branch off each, in half of the pictures."""

# Organs.

ORGAN = octaves(0.08, 0.4)
"""The radius of a part of a body, as a share of the shorter side."""
MOSAIC = 0.35
"""The share of sections whose parts lie side by side, without anything between."""
PART = Range(0.25, 0.6)
"""How large these are from side to side, as a share of the shorter side."""
WALL = (0.2, 0.75)
"""How thick the wall of a hollow part is, as a share of how deep the part is."""

# Volumes.

APART = octaves(1.2, 5.0)
"""How far planes lie apart, in pixels of a row, in seven of ten volumes; in the others they are as near as these."""
DEEP_BLUR = octaves(1.0, 2.5)
"""How much stronger the blur is from plane to plane than within one."""
SOLID_COVER = octaves(0.15, 1.0)
"""Which share of a volume cells and nuclei would fill if all found room."""
SOLID_RADIUS = octaves(4, 30)
"""The radius of cells and nuclei in volumes."""
SOLID_TUBE = octaves(2.5, 10)
"""The radius of tubes in volumes."""

# How things look. Levels are in contrasts.

FLOOR = {"fluorescence": Range(0.0, 0.3), "phase contrast": Range(1.0, 2.5), "brightfield": Range(1.5, 3.5),
         "section": Range(0.5, 2.0), "anything": Range(0.0, 3.0)}
"""The level where nothing lies; light that falls unevenly changes it by a share."""
BODY = {"fluorescence": Range(0.6, 1.0), "phase contrast": Range(-0.8, 0.8), "brightfield": Range(-1.0, 0.3),
        "section": Range(0.7, 1.0), "anything": Range(-1.0, 1.0)}
"""How much lighter a thing is."""
DOME = {"fluorescence": Range(-0.3, 0.6), "phase contrast": Range(-0.6, 0.6), "brightfield": Range(-1.2, 0.5),
        "section": Range(-0.3, 0.3), "anything": Range(-1.0, 0.6)}
"""How much more of it is in the middle than at the rim, as a share; below 0 things look hollow."""
RIM = {"fluorescence": Range(-0.2, 0.6), "phase contrast": Range(-1.0, 1.0), "brightfield": Range(-1.2, 0.2),
       "section": Range(-0.4, 0.4), "anything": Range(-1.0, 1.0)}
"""How much lighter the rim is."""
RIM_WIDTH = octaves(0.8, 4.0)
"""How wide the rim is; at most half of a thing's depth."""
HALO = {"fluorescence": Range(0.0, 0.1), "phase contrast": Range(0.0, 1.0), "brightfield": Range(-0.2, 0.7),
        "section": Range(-0.1, 0.1), "anything": Range(-0.7, 0.7)}
"""How much lighter it is just outside of things."""
HALO_WIDTH = octaves(1.0, 8.0)
"""How far the halo reaches."""
FINE = octaves(0.02, 0.4)
"""The standard deviation of the finer texture of things."""
FINE_WIDTH = octaves(0.7, 4.0)
"""Its width."""
COARSE = octaves(0.02, 0.35)
"""The standard deviation of the coarser texture of things."""
COARSE_WIDTH = octaves(4.0, 20.0)
"""Its width."""
ROUGH = 0.15
"""The share of pictures in which things have four times as much of both textures, and stand out by them alone."""
SPOTS = Range(-0.8, 1.0)
"""How much lighter spots within things are, in half of the pictures."""
SPOT_WIDTH = octaves(2.0, 9.0)
"""How large spots are."""
VARIETY = {"fluorescence": Range(0.0, 0.8), "phase contrast": Range(0.0, 0.3), "brightfield": Range(0.0, 0.3),
           "section": Range(0.1, 0.5), "anything": Range(0.0, 0.5)}
"""How much things stand out unequally: the standard deviation of the logarithm."""
DIMMEST = 0.3
"""A thing stands out at least by so much of what is usual in its picture."""
TWO_WAYS = {"fluorescence": 0.0, "phase contrast": 0.1, "brightfield": 0.1, "section": 0.0, "anything": 0.2}
"""The share of pictures in which some things are lighter than the floor and others are darker."""
VALLEY = Range(0.2, 0.9)
"""How much less things that touch stand out along their seam, as a share."""
DEFOCUSED = 0.3
"""The share of fluorescent pictures in which some things are out of focus."""
GROUND = octaves(0.02, 0.3)
"""The standard deviation of the texture of the floor; at most a quarter of how much things stand out."""
GROUND_WIDTH = octaves(1.0, 40.0)
"""Its width."""
RELIEF = 0.25
"""The share of pictures in phase contrast that show relief instead."""

# What the camera makes of it.

BLUR = octaves(0.5, 1.8)
"""The blur of the optics: a standard deviation."""
UNEVEN = Range(0.0, 0.2)
"""How much the light changes across the frame, as a share."""
NOISE = octaves(0.01, 0.2)
"""The standard deviation of the noise, in contrasts."""
GAMMA = octaves(0.7, 1.4)
"""The power of what the camera makes of light."""
INVERTED = 0.06
"""The share of pictures that are turned into their negative."""
COMPRESSED = 0.12
"""The share that were kept as JPEG."""
MARKED = 0.04
"""The share with a scale bar or other marks burnt in."""
TWO_COLOURS = 0.2
"""The share of pictures of fluorescent cells with their nuclei in a colour of their own."""
TINTED = 0.12
"""The share of grey pictures shown in false colours."""
