"""Tasks that came from elsewhere are done in a process of their own, which ends when nobody asks any more."""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crew_duties import Obeying, begun
from morula.errors import FileError, RequestError
from morula.files import lives
from morula.workers import errands
from morula.workers.crew import LIVES, TaskGivenUp
from morula.workers.errands import Errand, carry_out, dismiss, software

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX kills them")


@pytest.fixture
def diary(tmp_path, monkeypatch) -> Path:
    """Where processes note what they do; they find the duties of these tests."""
    tests = str(Path(__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (tests, os.environ.get("PYTHONPATH")))))
    return tmp_path / "diary"


@pytest.fixture
def errand(tmp_path):
    yield (errand := Errand("a run", str(tmp_path)))
    dismiss(errand.run)


def asked(errand: Errand, task: object, duty: Obeying | None = None):
    """What comes back for a task; None where the duty must come along."""
    answer = carry_out(errand, duty and pickle.dumps(duty), pickle.dumps(task), threads=1, worker="The worker w")
    if answer is None:
        return None
    made, error = pickle.loads(answer)
    if error is not None:
        raise error
    return made


def test_a_duty_comes_once_and_all_tasks_are_done_in_one_process_in_the_folder_of_the_run(diary, errand, tmp_path):
    assert asked(errand, "who") is None
    process = asked(errand, "who", Obeying(diary))
    assert [asked(errand, each) for each in ("who", 3, "who")] == [process, 3, process]
    assert process != os.getpid()
    assert Path(f"/proc/{process}/cwd").resolve() == tmp_path.resolve() or not Path("/proc/self/cwd").exists()
    dismiss(errand.run)
    assert not lives(process)
    assert asked(errand, "who") is None


def test_what_goes_wrong_comes_back_as_it_is(diary, errand):
    with pytest.raises(FileError) as refused:
        asked(errand, "refuse", Obeying(diary))
    assert str(refused.value) == "a.png: this is no picture. Give one with --images."
    assert refused.value.__notes__ == ["In Python, --images is images=."]
    with pytest.raises(ZeroDivisionError) as fault:
        asked(errand, "fault")
    assert "crew_duties.py" in fault.value.__notes__[0]
    with pytest.raises(TaskGivenUp) as died:
        asked(errand, "die")
    assert died.value.told("wait") == f"{LIVES} processes ended while they wait (signal 9), as where memory runs out."
    assert len(begun(diary)) == LIVES


def test_a_process_that_nobody_asks_any_more_ends_and_one_at_work_does_not(diary, errand, monkeypatch):
    monkeypatch.setattr(errands, "IDLE", 0.2)
    first = asked(errand, "who", Obeying(diary))
    assert asked(errand, ("wait", 1)) == first
    until = time.monotonic() + 30
    while lives(first):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert asked(errand, "who") is None


def test_other_software_and_other_files_are_refused_and_named(diary, errand):
    other = replace(errand, software={**software(), "torch": "1.0", "morula": "0.0.9"})
    with pytest.raises(RequestError, match=r"worker w has morula \S+ instead of 0\.0\.9, torch \S+ instead of 1\.0\."):
        asked(other, 1, Obeying(diary))
    with pytest.raises(RequestError, match=r"The worker w does not see .*nowhere, where this command runs"):
        asked(replace(errand, folder=str(diary.parent / "nowhere")), 1, Obeying(diary))
    assert begun(diary) == []
    assert {"Python", "morula", "torch", "numpy"} <= set(software())
