"""What is burnt in is of one grey, in few places, and leaves all else as it was."""

from __future__ import annotations

import numpy as np

from morula.worlds.marks import burn_in


def test_marks_change_little_and_are_of_one_grey():
    picture = np.full((160, 200), 90, np.uint8)
    shares, bars = [], 0
    for seed in range(60):
        marked = burn_in(picture, np.random.default_rng(seed))
        changed = marked != picture
        shares.append(changed.mean())
        lighter = marked[changed] > 90
        assert lighter.all() or not lighter.any()  # letters have soft edges, but all in one ink
        bars += any(row.sum() > 0.09 * 200 and np.ptp(np.flatnonzero(row)) == row.sum() - 1 for row in changed)
    assert max(shares) < 0.12
    assert np.mean(np.array(shares) > 0) > 0.75
    assert bars > 20  # straight and whole, as scale bars are
    assert (picture == 90).all()
