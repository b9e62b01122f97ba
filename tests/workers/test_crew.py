"""A crew of real processes: whoever dies, each task is done, or given up by name, and nobody is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crew_duties import Obeying, begun
from morula.errors import FileError, RequestError
from morula.files import lives
from morula.pipeline import Unwanted
from morula.workers.crew import LIVES, STARTS, Crew, TaskGivenUp

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX kills them")


@pytest.fixture(autouse=True)
def diary(tmp_path, monkeypatch) -> Path:
    """Where processes note what they do; they find the duties of these tests."""
    tests = str(Path(__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (tests, os.environ.get("PYTHONPATH")))))
    return tmp_path / "diary"


def all_done(crew: Crew, tasks: list) -> list:
    """What is made of each task, by as many threads as there are processes."""
    with ThreadPoolExecutor(crew.size) as threads:
        return list(threads.map(crew.do, tasks))


def waited_for(condition) -> None:
    """Wait until something is so, for half a minute at most."""
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def gone(process: int) -> bool:
    """Whether a process has ended; one that nobody has buried yet has."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return not lives(process)


def test_tasks_are_shared_and_no_more_processes_begin_than_are_needed(diary):
    with Crew(3, Obeying(diary)) as crew:
        assert begun(diary) == []
        assert crew.do("who") == crew.do("who") != os.getpid()
        assert len(begun(diary)) <= 2
        assert all_done(crew, list(range(40))) == list(range(40))
        waiting = set(all_done(crew, [("wait", 0.3)] * 3))
    assert waiting <= set(begun(diary))
    assert len(waiting) == 3
    assert len(begun(diary)) == 3


def test_a_task_whose_process_died_is_done_again(diary, tmp_path):
    tasks = [0, ("once", str(tmp_path / "mark")), 2, 3]
    with Crew(2, Obeying(diary)) as crew:
        assert all_done(crew, tasks) == tasks
    assert 2 <= len(begun(diary)) <= 3


def test_a_task_that_processes_die_of_is_given_up_and_the_others_are_done(diary):
    with Crew(2, Obeying(diary)) as crew, ThreadPoolExecutor(2) as threads:
        futures = [threads.submit(crew.do, task) for task in (0, "die", 2, 3, 4)]
        with pytest.raises(TaskGivenUp, match="signal 9"):
            futures[1].result()
        assert [futures[place].result() for place in (0, 2, 3, 4)] == [0, 2, 3, 4]
    assert diary.read_text().splitlines().count("die") == LIVES


def test_one_that_was_killed_while_it_had_nothing_to_do_is_replaced(diary):
    with Crew(1, Obeying(diary)) as crew:
        for number in range(LIVES + 1):
            os.kill(crew.do("who"), signal.SIGKILL)
            assert crew.do(number) == number


def test_what_a_task_raises_is_raised_and_a_fault_with_where_it_was(diary):
    with Crew(1, Obeying(diary)) as crew:
        with pytest.raises(FileError, match="no picture") as refused:
            crew.do("refuse")
        assert str(refused.value) == "a.png: this is no picture. Give one with --images."
        assert refused.value.__notes__ == ["In Python, --images is images=."]
        with pytest.raises(ZeroDivisionError) as fault:
            crew.do("fault")
        assert "crew_duties.py" in fault.value.__notes__[-1]
        crew.do(1)
    assert len(begun(diary)) == 1


def test_processes_that_die_before_they_are_ready_are_told_of_and_not_begun_for_ever(diary):
    with Crew(2, Obeying(diary, stillborn=True)) as crew, pytest.raises(RequestError, match="fewer --workers"):
        crew.do(1)
    assert len(begun(diary)) == STARTS


def test_how_much_of_a_task_is_done_is_told_before_what_was_made_of_it(diary):
    told = []
    with Crew(1, Obeying(diary)) as crew:
        assert crew.do(("tell", [0.25, 0.5, 1.0]), told.append) == ("tell", [0.25, 0.5, 1.0])
        assert told == [0.25, 0.5, 1.0]
        assert crew.do(5) == 5


def test_a_task_that_nobody_wants_any_more_ends_and_is_not_taken_for_the_next(diary):
    def give_up(_: float) -> None:
        raise Unwanted

    with Crew(1, Obeying(diary)) as crew:
        with pytest.raises(Unwanted):
            crew.do(("tell", [0.25, 0.5]), give_up)
        assert crew.do(5) == 5
    assert len(begun(diary)) == 2


def test_nobody_is_left_when_it_is_over_whatever_they_do(diary):
    began = time.monotonic()
    with ThreadPoolExecutor(2) as threads:
        with Crew(2, Obeying(diary)) as crew:
            waiting = [threads.submit(crew.do, ("wait", 60)) for _ in range(2)]
            waited_for(lambda: diary.exists() and diary.read_text().count("wait") == 2)
        assert all(map(gone, begun(diary)))
        assert all(future.exception() for future in waiting)
    assert len(begun(diary)) == 2
    assert time.monotonic() - began < 60


def test_they_end_with_the_process_that_began_them_even_where_that_was_killed(diary):
    program = ("import sys\nfrom pathlib import Path\nfrom crew_duties import Obeying\n"
               "from morula.workers.crew import Crew\nCrew(1, Obeying(Path(sys.argv[1]))).do(('wait', 60))")
    with subprocess.Popen([sys.executable, "-c", program, diary]) as parent:
        waited_for(lambda: diary.exists() and "wait" in diary.read_text())
        parent.kill()
    [process] = begun(diary)
    waited_for(lambda: gone(process))


def test_what_lies_in_the_folder_of_the_images_is_never_run(diary, tmp_path, monkeypatch):
    (tmp_path / "pickle.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    with Crew(1, Obeying(diary)) as crew:
        assert crew.do(5) == 5
