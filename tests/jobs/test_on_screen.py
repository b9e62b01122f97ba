"""Work knows which frame a person looks at."""

from __future__ import annotations

import numpy as np

from morula.jobs.on_screen import Watching, note_on_screen, on_screen
from morula.projects.annotation import Annotation
from morula.projects.project import Project


def test_what_is_looked_at_is_known_elsewhere(project, named):
    note_on_screen(project, named(project, "movie"), 2)
    assert on_screen(Project(project.folder)) == (named(project, "movie"), 2)


def test_without_that_it_is_the_first_that_is_not_finished(project, named):
    for number in range(2):
        Annotation(project, named(project, f"disc {number}")).set_finished(0, True)
    assert on_screen(project) == (named(project, "disc 2"), 0)
    note_on_screen(project, named(project, "movie"), 2)
    (project.images / "movie.tif").unlink()
    assert on_screen(Project(project.folder)) == (named(project, "disc 2"), 0)
    for path in project.images.iterdir():
        path.unlink()
    assert on_screen(Project(project.folder)) is None


def test_the_desk_is_shown_that_frame(project, named):
    shown = []

    class Desk:
        def show(self, *seen):
            shown.append(seen)

    watching = Watching(project, Desk())
    note_on_screen(project, named(project, "movie"), 1)
    image, frame = watching.wanted()
    assert (image.frames, frame) == (3, 1)
    mask = np.zeros(image.space, np.uint8)
    watching.show(image.frame(frame), mask, 40)
    [(pixels, seen, *rest)] = shown
    assert np.array_equal(pixels, image.frame(1))
    assert seen is mask
    assert rest == ["movie.tif", 1, 40]
