"""One object in a mask, measured."""

from __future__ import annotations

import numpy as np
import pytest

from morula.measures.bodies import Body, cut_out
from morula.measures.columns import Layout
from morula.objects.labels import connected_objects
from morula.objects.selection import ObjectSettings, choose_objects


def only_body(mask: np.ndarray, spacing: tuple[float, ...] | None = None, pixels: np.ndarray | None = None) -> Body:
    """The single object of a mask."""
    labels, classes = connected_objects(mask.astype(np.uint8))
    objects = choose_objects(
        labels, np.arange(len(classes)), classes, ObjectSettings(), pixel_volume=1, most_classes=1
    )
    [body] = cut_out(objects, np.array(spacing or (1.0,) * mask.ndim), pixels)
    return body


def all_measures(
    mask: np.ndarray, spacing: tuple[float, ...] | None = None, pixels: np.ndarray | None = None, parts: int = 10
) -> dict:
    """All measures of the single object of a mask, in pixels; channels are called a, b, …"""
    channels = () if pixels is None else tuple("abcdef"[: len(pixels)])
    return Layout(mask.ndim, False, channels, parts).row(only_body(mask, spacing, pixels))


@pytest.fixture
def body():
    return only_body


@pytest.fixture
def measured():
    return all_measures
