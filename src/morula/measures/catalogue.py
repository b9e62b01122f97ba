"""Everything that is measured, in one table: each measure's name, unit, meaning, formula and source.

The table makes the columns (see `columns`), `morula measure --list` and docs/measures.md. A word in braces
stands for several columns: one for each spatial axis, channel, class, harmonic or part of a profile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np

from morula.measures import intensities, morphometry, profiles

Unit = Literal["ratio", "count", "angle", "pixel", "grey", "length", "area", "volume", "curvature"]

SUFFIXES: dict[Unit, str] = {
    "angle": "_deg", "pixel": "_px", "length": "_{unit}", "area": "_{unit}2", "volume": "_{unit}3",
    "curvature": "_per_{unit}",
}
"""What a column's name says of the unit of its numbers; ratios, counts and grey values need no word."""

HOUSE = "Morula"
"""The source of what is defined here and nowhere else."""


@dataclass(frozen=True)
class Measure:
    """One measure of an object.

    Attributes:
        name: of the columns, without unit.
        unit: what kind of quantity it is.
        meaning: what it tells.
        formula: how it is computed.
        source: where it is from.
        of: from a body to a number, or to an array with an axis for each brace of the name; it takes the number of
            parts as well where the name has the brace `{part}`.
        axes: the numbers of spatial axes that it exists for.
        tiny: whether it exists for objects of fewer pixels than have a shape.
    """

    name: str
    unit: Unit
    meaning: str
    formula: str
    source: str
    of: Callable[..., Any]
    axes: tuple[int, ...] = (2, 3)
    tiny: bool = False

    @property
    def column(self) -> str:
        """The name of its columns where the pixel size is known."""
        return (self.name + SUFFIXES.get(self.unit, "")).replace("{unit}", "um")

    @property
    def word(self) -> str:
        """Its name without braces, by which it is asked for."""
        return re.sub(r"_?{\w+}", "", self.name)

    @property
    def dimensions(self) -> str:
        """Whether it exists in planes, in volumes or in both."""
        return " and ".join(f"{axes}-D" for axes in self.axes)


UNITS: dict[Unit, str] = {
    "ratio": "", "count": "count", "angle": "degrees", "pixel": "pixels", "grey": "as in the image", "length": "µm",
    "area": "µm²", "volume": "µm³", "curvature": "1/µm",
}
"""Each unit in words, where the pixel size is known."""

PLANE, SOLID = (2,), (3,)

TOPICS: Mapping[str, Sequence[Measure]] = {
    "size": (
        Measure("area", "area", "how large it is", "pixels × area of a pixel", "", lambda body: body.volume,
                PLANE, tiny=True),
        Measure("volume", "volume", "how large it is", "voxels × volume of a voxel", "", lambda body: body.volume,
                SOLID, tiny=True),
        Measure("equivalent_diameter", "length", "the diameter of the circle or sphere of the same size",
                "2 √(area / π); 2 ∛(3 volume / 4π)", "", lambda body: body.diameter, tiny=True),
        Measure("centroid_{axis}", "length", "where its middle is; 0 is the centre of the first pixel",
                "mean position of its pixels", "", lambda body: body.centroid, tiny=True),
        Measure("bounding_box_{axis}_{end}", "pixel", "its first and last row, column and plane, from 0",
                "smallest and largest position", "", morphometry.bounding_box, tiny=True),
        Measure("touches_border", "count", "1 if it touches the border of the frame, so that the rest is missing",
                "any pixel is the first or last along an axis", "", lambda body: int(body.cut), tiny=True),
        Measure("others_class_{class}", "count", "with --main-object, the other objects of each class in the frame",
                "objects beside the largest", "", lambda body: np.array(body.others), tiny=True),
    ),
    "axes": (
        Measure("major_axis", "length", "the long axis of the ellipse with the same variances",
                "4 √λ₁, λ the variances along the principal axes", "Haralick and Shapiro 1992",
                lambda body: morphometry.principal_lengths(body)[0], PLANE, tiny=True),
        Measure("minor_axis", "length", "the short axis of that ellipse", "4 √λ₂", "Haralick and Shapiro 1992",
                lambda body: morphometry.principal_lengths(body)[1], PLANE, tiny=True),
        Measure("longest_axis", "length", "the longest axis of the ellipsoid with the same variances",
                "2 √(5 λ₁), λ the variances along the principal axes", "Haralick and Shapiro 1992",
                lambda body: morphometry.principal_lengths(body)[0], SOLID, tiny=True),
        Measure("middle_axis", "length", "the second longest axis of that ellipsoid", "2 √(5 λ₂)",
                "Haralick and Shapiro 1992", lambda body: morphometry.principal_lengths(body)[1], SOLID, tiny=True),
        Measure("shortest_axis", "length", "the shortest axis of that ellipsoid", "2 √(5 λ₃)",
                "Haralick and Shapiro 1992", lambda body: morphometry.principal_lengths(body)[2], SOLID, tiny=True),
        Measure("aspect_ratio", "ratio", "how much longer than wide; 1 if round", "longest axis / second axis", "",
                morphometry.aspect_ratio),
        Measure("elongation", "ratio", "the same from 0 to 1; 0 if round", "1 − second axis / longest axis", "",
                morphometry.elongation),
        Measure("flatness", "ratio", "how much flatter than wide; 0 if as high as wide",
                "1 − shortest axis / middle axis", "", morphometry.flatness, SOLID),
        Measure("eccentricity", "ratio", "0 for a circle, towards 1 for a line", "√(1 − (minor / major)²)", "",
                morphometry.eccentricity, PLANE),
        Measure("orientation", "angle", "where the long axis points, 0 to 180; 0 lies flat, 90 upright",
                "angle of the first principal axis", "", morphometry.orientation, PLANE),
        Measure("long_axis_{axis}", "ratio", "where the longest axis points, as a unit vector",
                "first principal axis", "", morphometry.long_axis, SOLID),
    ),
    "outline": (
        Measure("perimeter", "length", "how long its outlines are, those of holes included",
                "length of the smooth outlines, by marching squares on the blurred mask",
                "Lorensen and Cline 1987", lambda body: body.outlines.length, PLANE),
        Measure("surface_area", "area", "how large its surface is",
                "sum over faces of voxels of area × cosine to the smooth normal",
                "Lenoir et al. 1996; Coeurjolly et al. 2003", lambda body: body.surface, SOLID),
        Measure("holes", "count", "how many holes it has", "outlines inside the outline", "",
                lambda body: len(body.outlines.holes), PLANE),
        Measure("circularity", "ratio", "1 for a circle, less for what is long or ragged", "4π area / perimeter²",
                "Cox 1927", morphometry.circularity, PLANE),
        Measure("sphericity", "ratio", "1 for a sphere, less for what is long or ragged",
                "∛(36π volume²) / surface area", "Wadell 1935", morphometry.sphericity, SOLID),
        Measure("solidity", "ratio", "1 where nothing bends inward", "size / size of the convex hull", "",
                morphometry.solidity),
        Measure("convexity", "ratio", "1 for a smooth convex outline, less for a ragged one",
                "perimeter of the convex hull / perimeter without holes", "", morphometry.convexity, PLANE),
        Measure("feret_max", "length", "how long it is: the largest distance of two points",
                "largest distance of two corners of the hull", "Feret 1931", morphometry.feret_max),
        Measure("feret_max_angle", "angle", "where the longest distance points, 0 to 180", "its angle", "",
                morphometry.feret_max_angle, PLANE),
        Measure("feret_min", "length", "how narrow it is: the smallest gap that it fits through",
                "smallest distance of two parallel lines around the hull", "Feret 1931; Freeman and Shapira 1975",
                morphometry.feret_min, PLANE),
        Measure("feret_min_angle", "angle", "where the smallest distance points, 0 to 180", "its angle", "",
                morphometry.feret_min_angle, PLANE),
        Measure("inscribed_radius", "length", "the radius of the largest circle or sphere inside",
                "largest distance of a point inside from the outline", "", lambda body: body.ball_inside[1]),
        Measure("enclosing_radius", "length", "the radius of the smallest circle or sphere around it",
                "exact ball around the hull", "Gärtner 1999", lambda body: body.ball_around[1]),
    ),
    "curvature": (
        Measure("curvature_max", "curvature", "the strongest bend outward",
                "largest curvature, averaged along the outline with a Gaussian of 1.8 √(radius in pixels) pixels",
                HOUSE, lambda body: body.curvature.max(), PLANE),
        Measure("curvature_min", "curvature", "the weakest bend, negative where the outline bends inward",
                "smallest curvature, averaged likewise", HOUSE, lambda body: body.curvature.min(), PLANE),
        Measure("concave_share", "ratio", "how much of the outline bends inward",
                "share of the outline with negative curvature", HOUSE, morphometry.concave_share, PLANE),
        Measure("protrusions", "count", "how many places bulge: both poles of a long ellipse, the corners of a square",
                "peaks of the curvature of more than 3π / perimeter, 1.5 times that of a circle", HOUSE,
                lambda body: len(body.protrusions), PLANE),
        Measure("protrusion_angle", "angle", "where the strongest of them lies, 0 to 360, seen from the centroid",
                "its angle; missing without any", HOUSE, morphometry.protrusion_angle, PLANE),
    ),
    "waves": (
        Measure("harmonic_1_elongation", "ratio", "how long the best ellipse is; 0 if round",
                "1 − shorter / longer half axis of the first elliptical Fourier harmonic", "Kuhl and Giardina 1982",
                morphometry.first_harmonic_elongation, PLANE),
        Measure("harmonic_2_elongation", "ratio", "how long the ellipse of the second harmonic is",
                "1 − shorter / longer half axis; missing where the longer is below half a pixel",
                "Kuhl and Giardina 1982", morphometry.second_harmonic_elongation, PLANE),
        Measure("harmonic_{harmonic}", "ratio", "how strong each further harmonic is: the higher, the finer",
                "√(a² + b² + c² + d²) of its coefficients over that of the first",
                "Kuhl and Giardina 1982", morphometry.harmonic_sizes, PLANE),
    ),
    "midline": (
        Measure("midline_length", "length", "how long it is when it is straightened",
                "length of the line through the middles of the level sets of the slowest wave of diffusion",
                "after Lévy 2006", lambda body: body.midline.length),
        Measure("midline_width", "length", "how wide it is on average when it is straightened",
                "area / length; of volumes, 2 √(volume / length / π)", HOUSE,
                lambda body: profiles.widths(body, 1)[0]),
        Measure("midline_bend", "ratio", "how bent it is; 0 if straight", "1 − distance of the ends / length", HOUSE,
                lambda body: body.midline.bend),
        Measure("midline_clarity", "ratio", "how clear its direction is; 0 where nothing tells it, as in a disc",
                "1 − speed of the slowest wave / speed of the second", HOUSE, lambda body: body.midline.clarity),
        Measure("straight_aspect_ratio", "ratio", "how much longer than wide when it is straightened",
                "midline length / diameter of the largest circle or sphere inside", HOUSE,
                lambda body: body.midline.length / (2 * body.ball_inside[1])),
        Measure("width_{part}", "length", "how wide it is in equal parts of the midline, from the thicker end on",
                "area of the part / its length; of volumes, the diameter of its section", HOUSE,
                profiles.widths),
    ),
    "intensity": (
        Measure("mean_{channel}", "grey", "how bright it is", "mean over its pixels", "", intensities.mean, tiny=True),
        Measure("total_{channel}", "grey", "how much light comes from it", "sum over its pixels", "",
                intensities.total, tiny=True),
        Measure("ring_{channel}", "grey", "how bright its surroundings are",
                "mean over a ring from 2 pixels beyond the outline, a tenth of its diameter wide, other objects spared",
                HOUSE, intensities.ring_mean, tiny=True),
        Measure("contrast_{channel}", "ratio", "how it stands out, −1 to 1; missing unless both means are positive",
                "(mean − ring) / (mean + ring)", "Michelson 1927", intensities.contrast, tiny=True),
        Measure("centroid_offset_{channel}", "ratio", "how far the middle of the light lies from that of the shape",
                "distance of the two centroids / half the equivalent diameter", HOUSE, intensities.centroid_offset),
        Measure("polarisation_{channel}", "ratio", "how different its two halves are, 0 to 1",
                "largest (A − B) / (A + B) of the mean intensities of the halves on both sides of a line or plane "
                "through the centroid, over all directions", HOUSE, intensities.polarisation),
        Measure("polarisation_angle_{channel}", "angle", "where the brighter half lies, 0 to 360",
                "the direction of the largest difference", HOUSE, intensities.polarisation_angle, PLANE),
        Measure("polarisation_{axis}_{channel}", "ratio", "where the brighter half lies, as a unit vector",
                "the direction of the largest difference", HOUSE, intensities.polarisation_direction, SOLID),
    ),
    "profiles": (
        Measure("along_{part}_{channel}", "grey", "how bright it is along the midline, from the thicker end on",
                "mean over the pixels of each of the equal parts", HOUSE, profiles.along_midline),
        Measure("inward_{part}_{channel}", "grey", "how bright it is from the rim to the core",
                "mean over the pixels of each of the parts of equal depth", HOUSE, profiles.from_rim),
    ),
}
"""All measures by what they are about; those of a topic are computed from the same things."""

MEASURES: Sequence[Measure] = tuple(chain.from_iterable(TOPICS.values()))


def asked_for(words: Collection[str] | None) -> tuple[Measure, ...]:
    """The measures of some topics, or of single names or columns, in the order of the table; all for None.

    Raises:
        ValueError: a word is neither a topic nor a measure.

    >>> [measure.name for measure in asked_for(["waves", "mean"])]
    ['harmonic_1_elongation', 'harmonic_2_elongation', 'harmonic_{harmonic}', 'mean_{channel}']
    """
    if words is None:
        return tuple(MEASURES)
    if unknown := set(words) - set(TOPICS) - {name for measure in MEASURES for name in (measure.word, measure.column)}:
        raise ValueError(f"{sorted(unknown)[0]!r} is no measure; topics are {', '.join(TOPICS)}, and --list has all")
    return tuple(measure for topic, measures in TOPICS.items() for measure in measures
                 if not {topic, measure.word, measure.column}.isdisjoint(words))
