from __future__ import annotations

import os
import pickle
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import FileError
from morula.whereabouts import as_path

if not os.environ.get("MORULA_NEEDS_URLS"):
    pytest.importorskip("aiohttp")

names = st.text("abc .é#%1-_", min_size=1, max_size=6).filter(lambda name: name.strip(". "))


@given(st.lists(names, min_size=2, max_size=5), names)
def test_it_goes_on_as_any_path(parts, other):
    mine, its = as_path("memory://" + "/".join(parts)), PurePosixPath(*parts)
    for word in ("name", "stem", "suffix", "suffixes", "parts"):
        assert getattr(mine, word) == getattr(its, word)
    assert str(mine) == f"memory://{its}"
    assert str(mine.parent / other) == str(mine.with_name(other)) == f"memory://{its.parent / other}"
    assert [str(each) for each in mine.parents[:-1]] == [f"memory://{each}" for each in its.parents[:-1]]
    assert mine.relative_to(mine.parent) == PurePosixPath(its.name)


def test_two_are_the_same_by_their_address_whatever_lets_in():
    one, other = as_path("https://me:1@example.org/a.tif?a=1"), as_path("https://example.org/a.tif")
    assert one == other
    assert one in {other}
    assert one != as_path("https://example.org/b.tif")
    for here in (Path("https:/example.org/a.tif"), Path("https://example.org/a.tif")):
        assert here != one
        assert one != here
        assert here not in {one}
    assert repr(one) == "as_path('https://example.org/a.tif')"
    assert as_path(one) is one


def test_it_comes_through_pickle_with_what_lets_in():
    packed = pickle.loads(pickle.dumps(as_path("https://me:1@example.org/a.tif?a=1")))
    assert packed.site.asked(packed.way) == "https://me:1@example.org/a.tif?a=1"


def test_what_needs_a_file_here_is_told_so():
    with pytest.raises(FileError, match=r"memory://a/b.tif lies elsewhere.* Copy it here first"):
        np.memmap(as_path("memory://a/b.tif"))
