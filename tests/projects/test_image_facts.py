"""What is known of images is remembered until they change, and what cannot be shown says why."""

from __future__ import annotations

import numpy as np
import tifffile

from morula.projects.image_facts import ImageFacts, KnownImages


def test_facts_are_remembered_on_disk_until_a_file_changes(project, named, monkeypatch):
    source = named(project, "movie")
    known = KnownImages(project).all([source])
    assert known == [ImageFacts("movie.tif", 3, 1, 60, 80, ("grey",), None, "uint16")]
    opened = []
    of = ImageFacts.of
    monkeypatch.setattr(ImageFacts, "of", lambda *given: opened.append(given) or of(*given))
    assert KnownImages(project).all([source]) == known
    assert not opened
    tifffile.imwrite(source.path, np.zeros((8, 9), np.uint8))
    assert KnownImages(project).all([source])[0].width == 9
    assert len(opened) == 1


def test_what_is_remembered_may_be_damaged(project, named):
    (project.hidden / "images.json").write_text('{"movie.tif": [[1], {}]')
    assert KnownImages(project).all([named(project, "volume")])[0].slices == 4


def test_a_frame_too_large_to_work_on_says_so(project, named, monkeypatch):
    disc = named(project, "disc 0")
    monkeypatch.setattr("morula.projects.image_facts.LARGEST", 60 * 80)
    assert ImageFacts.of(project, disc).problem is None
    monkeypatch.setattr("morula.projects.image_facts.LARGEST", 60 * 80 - 1)
    assert "too large to work on: 60 × 80" in ImageFacts.of(project, disc).problem
