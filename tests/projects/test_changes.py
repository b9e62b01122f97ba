"""What changed much at once can be taken back to the pixel, and made again."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from morula.projects.annotation import Annotation
from morula.projects.changes import UNDONE, Changes
from morula.projects.frame_states import FrameFinished
from morula.projects.project import NotThere
from morula.projects.project_settings import usual_classes
from morula.projects.strokes import Stroke


@pytest.fixture
def source(project, named):
    return named(project, "disc 0")


@pytest.fixture
def annotation(project, source, stroke):
    """That of a disc, with a stroke on it."""
    annotation = Annotation(project, source)
    annotation.draw(Stroke(**stroke(0, radius=5)))
    return annotation


def whole(annotation: Annotation) -> np.ndarray:
    return annotation.region(0, annotation.image.whole)


def test_a_change_is_taken_back_and_made_again(project, source, annotation, disc):
    changes, before = Changes(project), whole(annotation)
    with changes.noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.fill(0, disc().astype(np.uint8))
        annotation.set_finished(0, True)
        annotation.set_review(0, "accepted")
    after = whole(annotation)
    assert not np.array_equal(before, after)
    for _ in range(2):
        assert changes.make(source, annotation, change.name, back=True) == (0, 0)
        assert np.array_equal(whole(annotation), before)
        assert (annotation.notes.state(0), annotation.notes.reviews) == ("partly", {})
        Changes(project).make(source, annotation, change.name, back=False)  # even by a server that was started anew
        assert np.array_equal(whole(annotation), after)
        assert (annotation.notes.state(0), annotation.notes.reviews) == ("finished", {0: "accepted"})


def test_what_was_drawn_elsewhere_meanwhile_stays(project, source, annotation, stroke, disc):
    changes = Changes(project)
    with changes.noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.replace(0, np.where(disc(), 1, 255))
    annotation.draw(Stroke(**stroke(1, radius=4, centre=(8, 70))))
    changes.make(source, annotation, change.name, back=True)
    assert (whole(annotation)[disc(radius=4, centre=(8, 70))] == 1).all()
    assert (whole(annotation)[disc(radius=5)] == 0).all()
    assert (whole(annotation) == 1).sum() == disc(radius=4, centre=(8, 70)).sum()


def test_what_was_drawn_over_it_since_stays(project, source, annotation, stroke, disc):
    """Whoever drew it; and it is told how much."""
    changes = Changes(project)
    with changes.noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.replace(0, np.where(disc(), 1, 255))
    annotation.draw(Stroke(**stroke(0, radius=8)))
    frame, left = changes.make(source, annotation, change.name, back=True)
    assert (frame, left) == (0, (disc(radius=8) & (disc() != disc(radius=5))).sum())
    assert (whole(annotation)[disc(radius=8)] == 0).all()
    assert (whole(annotation)[~disc(radius=8)] == 255).all()


def test_a_frame_that_was_cleared_comes_back_as_it_was(project, source, annotation, disc):
    """Finished, interpolated and with locked objects: with all that was said of it, and away again."""
    annotation.replace(0, np.where(disc(), 1, 255))
    annotation.set_interpolated(0, True)
    annotation.set_locked(0, [1])
    annotation.set_finished(0, True)
    before, changes = whole(annotation), Changes(project)
    with changes.noted(source, 0, annotation, annotation.image.whole, finished=True) as change:
        annotation.clear(0)
    assert (whole(annotation) == 255).all()
    for _ in range(2):
        assert changes.make(source, annotation, change.name, back=True) == (0, 0)
        assert np.array_equal(whole(annotation), before)
        notes = annotation.notes
        assert (notes.state(0), notes.interpolated, notes.locked) == ("finished", {0}, {0: [1]})
        assert changes.make(source, annotation, change.name, back=False) == (0, 0)
        assert (whole(annotation) == 255).all()
        assert (notes.state(0), notes.interpolated, notes.locked) == ("no", set(), {})


def test_nothing_that_changed_is_nothing_to_take_back(project, source, annotation):
    with Changes(project).noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.set_finished(0, False)
    assert change.name == ""
    assert not list(project.hidden.glob("changes/*/*"))


def test_finished_work_is_not_taken_back(project, source, annotation, disc):
    changes = Changes(project)
    with changes.noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.fill(0, disc().astype(np.uint8))
    annotation.set_finished(0, True)
    after = whole(annotation)
    with pytest.raises(FrameFinished, match="Press F"):
        changes.make(source, annotation, change.name, back=True)
    with pytest.raises(FrameFinished), changes.noted(source, 0, annotation, annotation.image.whole):
        pass
    assert np.array_equal(whole(annotation), after)


def test_changes_are_forgotten_when_nobody_can_ask_for_them(project, source, annotation, disc):
    with Changes(project).noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.fill(0, disc().astype(np.uint8))
    [file] = project.hidden.glob("changes/*/*")
    long_ago = time.time() - UNDONE - 60
    os.utime(file, (long_ago, long_ago))
    for name in (change.name, "../../morula", "0" * 16):
        with pytest.raises(NotThere, match="taken back"):
            Changes(project).make(source, annotation, name, back=True)


def test_a_change_of_another_kind_of_numbers_is_not_made(project, source, annotation, disc):
    changes = Changes(project)
    with changes.noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.fill(0, disc().astype(np.uint8))
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    with pytest.raises(NotThere, match="has changed"):
        changes.make(source, Annotation(project, source), change.name, back=True)


def test_a_class_that_is_gone_does_not_come_back(project, source, annotation, disc):
    """What it would become must be known; what it was need not be."""
    changes, two = Changes(project), usual_classes(2)
    project.change_settings(project.settings.model_copy(update={"classes": two}))
    with changes.noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.replace(0, np.where(disc(), 2, 255))
    changes.make(source, annotation, change.name, back=True)
    before = whole(annotation)
    project.change_settings(project.settings.model_copy(update={"classes": two[:1]}))
    with pytest.raises(NotThere, match="There is no class 2"):
        changes.make(source, annotation, change.name, back=False)
    assert np.array_equal(whole(annotation), before)
    assert changes.make(source, annotation, change.name, back=True)[0] == 0


@pytest.mark.parametrize("kept", [0, 60, -40])
def test_a_change_whose_file_is_damaged_is_not_made(project, source, annotation, disc, kept):
    changes = Changes(project)
    with changes.noted(source, 0, annotation, annotation.image.whole) as change:
        annotation.fill(0, disc().astype(np.uint8))
    after = whole(annotation)
    path = project.hidden / "changes" / source.id / f"{change.name}.npz"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(NotThere, match="its file is damaged"):
        changes.make(source, annotation, change.name, back=True)
    assert np.array_equal(whole(annotation), after)
