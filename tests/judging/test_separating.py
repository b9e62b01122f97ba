"""Objects where nobody annotated count neither as found nor as made up."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from morula.images.image import Image
from morula.judging.separating import score_objects
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise


def test_objects_where_nobody_annotated_do_not_count():
    labels = np.full((1, 40, 40), -1, np.int16)
    labels[0, 2:18, 2:18] = 0
    labels[0, 5:15, 5:15] = 1
    mask = Image.from_array(labels, "TYX")
    reading = recognise([mask], read_as="objects", not_annotated=-1)
    found = np.zeros((40, 40), np.int32)
    found[5:15, 5:15], found[25:35, 25:35], found[16:30, 2:12], found[2:4, 10:16] = 7, 8, 9, 10
    model: Any = SimpleNamespace(objects=lambda image, frame: found)
    scores = score_objects(model, [Frame(Pair(mask, mask, "group"), 0)], reading)
    assert scores is not None
    assert (scores.true, scores.predicted, scores.matched()) == (1, 2, 1)  # one of both lies on the background
