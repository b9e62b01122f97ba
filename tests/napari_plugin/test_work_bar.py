"""Whatever becomes of work in a thread is said, and what was made is used once."""

from __future__ import annotations

import pytest

import in_napari  # noqa: F401
from morula.errors import RequestError
from morula.napari_plugin.work_bar import WorkBar


@pytest.fixture
def bar(screen, viewer) -> WorkBar:
    bar = WorkBar("Begin")
    viewer.window.add_dock_widget(bar)
    return bar


def raising(error: Exception):
    def work(progress) -> None:
        progress(0, 1, "beginning")
        raise error

    return work


def test_what_was_made_is_used_once(bar, wait):
    used = []
    bar.run(lambda progress: 7, used.append)
    assert wait(bar) == ""
    assert used == [7]


@pytest.mark.parametrize(("error", "said"), [
    (RequestError("a.tif is no image."), "a.tif is no image."),
    (MemoryError(), "There is not enough memory for this. Close other programs, or use smaller images."),
])
def test_what_went_wrong_is_said(bar, wait, error, said):
    used = []
    bar.run(raising(error), used.append)
    assert wait(bar) == said
    assert not used


def test_a_fault_is_called_one_and_work_can_begin_again(bar, until, wait):
    used = []
    bar.run(raising(LookupError("nothing there")), used.append)
    assert until(lambda: not bar.busy)
    said = bar.words.value
    assert said.startswith("A fault in Morula, not in your data (LookupError: nothing there). Please report it")
    bar.run(lambda progress: 7, used.append)
    assert wait(bar) == ""
    assert used == [7]
