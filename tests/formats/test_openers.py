"""What a file is, is told by its first bytes, and what is missing to read it, in words."""

import builtins
from importlib import import_module

import numpy as np
import pytest

from microscopes import write_czi, write_lif, write_nd2
from morula.errors import FileError
from morula.formats.openers import FORMATS, scenes_inside
from morula.images.read import find_files, open_image

PIXELS = np.random.default_rng(2).integers(0, 250, (20, 30)).astype(np.uint8)
WRITERS = {
    "czi": lambda path: write_czi(path, [PIXELS[None, None, None, ..., None]]),
    "lif": lambda path: write_lif(path, {"a": (PIXELS, "YX")}),
    "nd2": lambda path: write_nd2(path, PIXELS[None, ..., None], {}),
}
LIBRARIES = {"czi": "pylibCZIrw", "lif": "liffile", "nd2": "nd2"}


@pytest.mark.parametrize("known", dict.fromkeys(FORMATS.values()), ids=lambda known: known.opener)
def test_each_row_of_the_table_names_functions_that_there_are(known):
    module, _, opener = known.opener.partition(":")
    assert callable(getattr(import_module(f"morula.formats.{module}"), opener))
    if known.scenes:
        assert callable(getattr(import_module(f"morula.formats.{known.scenes.partition(':')[0]}"),
                                known.scenes.partition(":")[2]))
        assert known.library
        assert known.kind


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("ending", ["czi", "lif", "nd2", "tif"])
def test_a_wrong_ending_misleads_nobody(tmp_path, kind, ending):
    WRITERS[kind](tmp_path / f"a.{kind}")
    (tmp_path / f"a.{kind}").rename(tmp_path / f"b.{ending}")
    assert (open_image(tmp_path / f"b.{ending}").frame()[0] == PIXELS).all()
    assert scenes_inside(tmp_path / f"b.{ending}") == [tmp_path / f"b.{ending}"]


@pytest.mark.parametrize("kind", WRITERS)
def test_without_its_library_a_file_says_what_installs_it(tmp_path, monkeypatch, kind):
    WRITERS[kind](tmp_path / f"a.{kind}")
    whole = builtins.__import__

    def without(name, *others, **more):
        if name.partition(".")[0] == LIBRARIES[kind]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return whole(name, *others, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert find_files(tmp_path) == [tmp_path / f"a.{kind}"]
    library = LIBRARIES[kind]
    words = rf"a\.{kind} is {kind.upper()}, as .* which {library} reads, .* python -m pip install {library}$"
    with pytest.raises(FileError, match=words):
        open_image(tmp_path / f"a.{kind}")


@pytest.mark.parametrize("ending", ["czi", "lif", "nd2"])
@pytest.mark.parametrize(("content", "words"), [(b"", "is empty"), (b"nothing that is known", "is not a .* picture")])
def test_what_is_none_of_them_is_refused_by_name(tmp_path, ending, content, words):
    (tmp_path / f"a.{ending}").write_bytes(content)
    assert find_files(tmp_path) == [tmp_path / f"a.{ending}"]
    with pytest.raises(FileError, match=rf"a\.{ending} {words}"):
        open_image(tmp_path / f"a.{ending}")
