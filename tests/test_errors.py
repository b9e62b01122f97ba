from __future__ import annotations

import pytest

from morula.errors import FileError, RequestError, reason


def test_options_are_said_as_arguments_in_a_note():
    error = RequestError("Use --not-annotated -1, or --read-masks-as codes; --not-annotated is better -- mostly.")
    assert error.__notes__ == ["In Python, --not-annotated is not_annotated=, --read-masks-as is read_masks_as=."]
    assert "In Python" not in str(error)
    assert not hasattr(FileError("a.tif is empty."), "__notes__")


def test_a_reason_has_neither_number_nor_path(tmp_path):
    with pytest.raises(OSError, match="Errno") as caught:
        (tmp_path / "none").open()
    assert reason(caught.value) == "No such file or directory"
    assert (reason(ValueError("first\nsecond")), reason(KeyError())) == ("first", "KeyError")
