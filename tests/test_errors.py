from __future__ import annotations

import errno

import numpy as np
import pytest
import torch

from morula.errors import FileError, RequestError, reason, refusal, shortage


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


def test_what_the_system_refuses_is_said_in_words_and_a_fault_of_ours_is_not():
    assert refusal(PermissionError(errno.EACCES, "Permission denied", "a/b")) == (
        "a/b cannot be used (Permission denied). Allow it to be read there, or give another.")
    assert "circle" in str(refusal(RuntimeError("Symlink loop from '/a/b'")))
    for ours in (OSError(errno.EACCES, "Permission denied"), FileNotFoundError(errno.ENOENT, "gone", "a"),
                 RuntimeError("a fault")):
        assert refusal(ours) is None


def test_a_lack_of_memory_is_said_with_how_much_was_asked_for():
    """As PyTorch and NumPy say it themselves, of more than any machine has."""
    with pytest.raises(RuntimeError) as of_torch:
        torch.empty(2**50, dtype=torch.uint8)
    assert "for 1,125,899,906,842,624 bytes more" in str(shortage(of_torch.value))
    with pytest.raises(MemoryError) as of_numpy:
        np.empty(2**50, np.uint8)
    assert "for 1.00 PiB more" in str(shortage(of_numpy.value))
    assert "ulimit -v" in str(shortage(ImportError("a.so: failed to map segment from shared object")))
    assert shortage(RuntimeError("a fault")) is shortage(ImportError("no module of this name")) is None
