"""Volumes in the body, as nibabel writes them."""

from itertools import permutations, product
from pathlib import Path

import nibabel
import numpy as np
from nibabel.orientations import axcodes2ornt, ornt_transform

ORIENTATIONS = [
    tuple(ends[turn] for ends, turn in zip(axes, turns, strict=True))
    for axes in permutations(("RL", "AP", "SI"))
    for turns in product((0, 1), repeat=3)
]
"""All 48 ways in which a volume can lie in the body, such as `("L", "P", "S")`."""
PLACE = np.array([[0.5, 0, 0, -20], [0, 0.7, 0, 11], [0, 0, 3, 5], [0, 0, 0, 1.0]])


def save(path: Path, array: np.ndarray, affine: np.ndarray = PLACE, unit: str = "mm", form=nibabel.Nifti1Image) -> None:
    """An array with the axes x y z t c, written by nibabel."""
    image = form(array, affine)
    image.header.set_xyzt_units(unit, "sec")
    nibabel.save(image, path)


def turned(array: np.ndarray, orientation: tuple[str, ...], affine: np.ndarray = PLACE) -> nibabel.Nifti1Image:
    """The same volume in the same place, stored along other axes."""
    straight = nibabel.Nifti1Image(array, affine)
    return straight.as_reoriented(ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(orientation)))
