"""What is known of images is remembered until they change, and what cannot be shown says why."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

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


def test_a_file_is_looked_at_once_however_many_ask(project, monkeypatch):
    opened, known, all_ask = [], KnownImages(project), Barrier(3)
    of = ImageFacts.of

    def slowly(*given):
        opened.append(given[1].path.name)
        time.sleep(0.05)
        return of(*given)

    def ask(_):
        all_ask.wait()
        return known.all(project.sources())

    monkeypatch.setattr(ImageFacts, "of", slowly)
    with ThreadPoolExecutor(3) as threads:
        first, *others = threads.map(ask, range(3))
    assert sorted(opened) == sorted(source.path.name for source in project.sources())
    assert all(each == first for each in others)
