"""Frames of masks as files may hold them, for properties: one to four channels of five kinds of numbers."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

STORED = st.one_of(
    arrays(dtype, st.tuples(st.integers(1, 4), st.integers(2, 9), st.integers(2, 9)), elements=elements)
    for dtype, elements in (
        (np.uint8, st.integers(0, 255)),
        (np.uint16, st.integers(0, 5)),
        (np.int32, st.integers(-3, 70_000)),
        (np.float32, st.sampled_from([0.0, 0.5, 1.0])),
        (bool, st.booleans()),
    )
)
