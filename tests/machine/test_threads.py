"""As many threads as are worth it: no more than were granted, and fewer only where they are clearly faster."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.machine.threads import CLEARLY, granted, worthwhile


@given(st.dictionaries(st.integers(1, 256), st.floats(1e-6, 1e3), min_size=1))
def test_fewer_threads_are_taken_only_where_more_are_clearly_slower(seconds):
    chosen = worthwhile(seconds)
    assert seconds[chosen] <= CLEARLY * min(seconds.values())
    assert all(seconds[more] > CLEARLY * min(seconds.values()) for more in seconds if more > chosen)


@pytest.mark.parametrize(("says", "cores"), [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1)])
def test_a_container_has_what_its_quota_grants(tmp_path, says, cores):
    (tmp_path / "cpu.max").write_text(f"{says}\n")
    assert granted(tmp_path / "cpu.max") == cores


@pytest.mark.parametrize("says", ["max 100000", "", "many"])
def test_without_a_quota_all_cores_count(tmp_path, says):
    (tmp_path / "cpu.max").write_text(f"{says}\n")
    assert granted(tmp_path / "cpu.max") == granted(tmp_path / "missing") == os.cpu_count()


def threads_after_preparing(before: int, **variables: str) -> int:
    """Threads of a process that has prepared, where torch had so many before."""
    code = ("import torch; from morula.machine.preparation import prepare\n"
            f"torch.set_num_threads({before}); prepare(); print(torch.get_num_threads())")
    kept = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    return int(subprocess.check_output([sys.executable, "-c", code], env=kept | variables))


def test_threads_never_become_more_than_there_were_or_cores():
    assert threads_after_preparing(before=1) == 1
    assert 1 <= threads_after_preparing(before=4 * (os.cpu_count() or 1)) <= (os.cpu_count() or 1)


def test_who_says_how_many_is_obeyed():
    many = 3 * (os.cpu_count() or 1)
    assert threads_after_preparing(before=many, OMP_NUM_THREADS="1") == many


def test_numpy_leaves_the_cores_to_torch():
    """A product of NumPy occupies one core, and none when it is done."""
    code = ("import time, numpy as np; from morula.machine.preparation import prepare\n"
            "prepare(); one = np.ones((600, 600)); one @ one\n"
            "tick, used = time.perf_counter(), time.process_time()\n"
            "for _ in range(20): one @ one; time.sleep(0.02)\n"
            "asleep = 20 * 0.02; print((time.process_time() - used) / (time.perf_counter() - tick - asleep))")
    variables = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    assert float(subprocess.check_output([sys.executable, "-c", code], env=variables)) < 1.1
