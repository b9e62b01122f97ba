"""What was drawn earlier is not lost."""

from __future__ import annotations

import numpy as np
import pytest

from morula.projects.annotation import Annotation
from morula.projects.history import History
from morula.projects.project import NotThere
from morula.projects.strokes import Stroke


def test_copies_lead_back(project, named, stroke, monkeypatch):
    monkeypatch.setattr("morula.projects.history.KEPT", 2)
    source = named(project, "disc 0")
    annotation, history = Annotation(project, source), History(project)
    annotation.keep_copy(0)
    assert history.versions(source, 0) == []  # of nothing
    for radius in (6, 7, 8):
        annotation.draw(Stroke(**stroke(1, radius=radius)))
        annotation.keep_copy(0)
    newest, older = history.versions(source, 0)
    assert newest.when > older.when
    whole = annotation.region(0, annotation.image.whole)
    assert np.array_equal(history.read(source, 0, newest.version), whole)
    assert (history.read(source, 0, older.version) == 1).sum() < (whole == 1).sum()
    with pytest.raises(NotThere):
        history.read(source, 0, "x")
