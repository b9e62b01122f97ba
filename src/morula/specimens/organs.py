"""Large parts of a body in section: compact ones, walls around a hollow, and parts within parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from morula.specimens import breadths
from morula.specimens.crowds import Manner, crowd
from morula.specimens.things import Things

FORMS = ("compact", "hollow", "filled")
"""A hollow part is a wall around nothing; a filled one has another part within its wall."""


def organs(shape: tuple[int, ...], spacing: tuple[float, ...], rng: np.random.Generator) -> Things:
    """One to several large parts."""
    radius = breadths.ORGAN.drawn(rng) * min(shape[-2:])
    manner = replace(Manner.drawn(rng, radius, longest=2.5), closeness=rng.uniform(0.9, 1.3),
                     cover=rng.uniform(0.1, 1.2), heaps=0, square=2.0, spread=rng.uniform(0, 0.5))
    whole = crowd(shape, spacing, manner, rng)
    form = rng.integers(len(FORMS), size=whole.count + 1)
    wall = np.where(form == FORMS.index("compact"), 2.0, rng.uniform(*breadths.WALL, size=form.size))
    within = whole.share > wall[whole.labels].astype(np.float32)
    labels = np.where(within & (form == FORMS.index("hollow"))[whole.labels], 0, whole.labels)
    filled = within & (form == FORMS.index("filled"))[whole.labels]
    return Things.numbered(labels + filled * np.int32(whole.count), spacing)
