"""Something to try is there at once, and its labels lie on it."""

from __future__ import annotations

import numpy as np

from morula.napari_plugin.drawn_layers import FRAMES, drawn_gastruloids


def test_labels_lie_on_the_movie():
    (movie, placed, kind), (labels, also, other) = drawn_gastruloids()
    assert (kind, other) == ("image", "labels")
    assert movie.shape == labels.shape == (FRAMES, 160, 160)
    assert placed["units"] == also["units"] == ("pixel", "micrometer", "micrometer")
    assert placed["scale"] == also["scale"]
    assert set(np.unique(labels)) == {0, 1}
    steepness = np.hypot(*np.gradient(movie[0].astype(float)))
    edges = np.hypot(*np.gradient(labels[0].astype(float))) > 0
    assert steepness[edges].mean() > 2 * steepness[~edges].mean()
