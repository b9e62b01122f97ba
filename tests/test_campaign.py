"""A small part of each attack of the campaign, and whether the campaign can fail."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from campaign import altered, attempts, deaths, endurance, order, readers, strangers
from campaign.faults import failed
from campaign.order import out_of_order
from campaign.outcomes import Outcome
from campaign.page import page
from campaign.stops import stopped
from campaign.traces import calls_on
from campaign.weakened import HOUSE, SAFEGUARDS, notices, without
from campaign.works import WORKS
from morula.files import PART

pytestmark = pytest.mark.slow
SEED = 7


@pytest.fixture(scope="session")
def traced():
    """Strace may look on."""
    if missing := attempts.why_not():
        assert not os.environ.get("MORULA_NEEDS_STRACE"), missing
        pytest.skip(missing)


def held(*outcomes: Outcome) -> None:
    assert outcomes
    for outcome in outcomes:
        assert outcome.tries > 0, outcome.attack
        assert not outcome.broken, "\n".join(outcome.broken)


def test_what_takes_a_name_is_on_the_disk(traced):
    held(*order.order(6, SEED))


@pytest.mark.parametrize(("name", "tries"), {"train": 2, "segment": 5, "measure": 4, "export": 3, "draw": 8}.items())
def test_whatever_is_killed_leaves_whole_files_and_goes_on(traced, name, tries):
    held(stopped(name, WORKS[name], tries, SEED))


@pytest.mark.parametrize("name", ["segment", "measure", "draw"])
def test_a_disk_that_is_full_or_fails_is_said(traced, name):
    held(failed(name, WORKS[name], 3, SEED))


def test_whoever_dies_of_those_who_make_masks_the_masks_are_the_same():
    held(*deaths.deaths(2, SEED))


def test_hostile_files_are_refused_or_read():
    held(readers.mutants(600, SEED))


def test_altered_models_run_nothing():
    held(*altered.altered(40, SEED))


def test_strangers_get_nothing_from_the_studio():
    held(*strangers.strangers(60, SEED))


def test_nothing_piles_up_in_long_runs():
    held(endurance.frames(400, SEED), endurance.trainings(16), endurance.requests(300, SEED))


def test_what_piles_up_is_found():
    """A megabyte that each of the last hundred frames leaves behind, a file and a thread."""
    looks = [(frame, endurance.Taken(2**20 * frame, 3, 4)) for frame in range(200)]
    assert [*endurance.grown(looks, 200, 100)] == ["memory grew from 100 to 190 MB"]
    more = [(frame, endurance.Taken(0, 3 + frame // 150, 4 + frame // 150)) for frame in range(200)]
    assert [*endurance.grown(more, 200, 100)] == ["threads became 4 of 3", "open files became 5 of 4"]
    busy = [(frame, endurance.Taken(2**30 * (frame % 2), 3 + frame % 3, 4 + frame % 5)) for frame in range(200)]
    assert not [*endurance.grown(busy, 200, 100)]


def leaves_files_and_gives_back(folder):
    """A work that holds 50 MB until its last file is there, and then writes one more, which has no name yet."""
    held = np.ones(50 * 2**17)
    for number in range(6):
        (folder / "made" / str(number)).touch()
        time.sleep(0.2)
    del held
    time.sleep(0.3)
    (folder / "made" / f"{PART}1").touch()
    time.sleep(0.3)


def test_what_is_given_back_at_the_end_hides_nothing(tmp_path):
    (tmp_path / "made").mkdir()
    _, looks = endurance._watched(leaves_files_and_gives_back, tmp_path, "made")
    held = [taken.memory for done, taken in looks if done]
    assert {done for done, _ in looks} >= {2, 3, 4, 5}
    assert max(held) - min(held) < 2**20


@pytest.mark.parametrize("name", ["bringing names to the disk", "bounding what is kept of each size", "the digest",
                                  "asking for the name of the server"])
def test_the_campaign_fails_without(traced, name):
    assert notices(name)


@pytest.mark.parametrize("name", SAFEGUARDS)
def test_each_safeguard_can_be_taken_out(name):
    """Its words stand in its module once, and what is left is Python."""
    module, text = without(SAFEGUARDS[name], HOUSE / "src" / "morula")
    assert text != module.read_text(encoding="utf-8")
    compile(text, str(module), "exec")


def test_an_attempt_that_dies_before_it_begins_is_no_hang(tmp_path, monkeypatch):
    monkeypatch.setattr(attempts, "_perform", os._exit)  # which such arguments make fail
    with pytest.raises(EOFError):
        attempts.attempt(print, tmp_path)


def test_an_order_that_a_pulled_plug_would_break_is_found(tmp_path):
    """As strace writes it: a file is named before it is on the disk, and a table is changed before that."""
    lines = [f'7  openat(AT_FDCWD, "{tmp_path}/.part-a", O_RDWR|O_CREAT|O_EXCL, 0600) = 3<{tmp_path}/.part-a>',
             f'7  write(3<{tmp_path}/.part-a>, ""..., 9) = 9',
             f'7  write(4<{tmp_path}/t.csv>, ""..., 9) = 9',
             f'7  fsync(3<{tmp_path}/.part-a>) = 0',
             f'7  rename("{tmp_path}/.part-a", "{tmp_path}/a") = 0']
    table, folder = out_of_order([*calls_on("\n".join(lines), tmp_path)])
    assert "t.csv was written before" in table
    assert "its folder was not brought to the disk" in folder
    [first, *_] = out_of_order([*calls_on("\n".join(line for line in lines if "fsync" not in line), tmp_path)])
    assert "what it holds was not on the disk" in first
    safe = [lines[0], lines[1], lines[3], lines[4], f"7  fsync(5<{tmp_path}>) = 0"]
    assert not list(out_of_order([*calls_on("\n".join(safe), tmp_path)]))


def test_what_broke_stands_on_the_page():
    told = page([Outcome("a", 3, "held"), Outcome("b", 4, "held", ("b, 1: x | y",))], 0, 5)
    assert "7 tries, 1 broken" in told
    assert "| a | 3 | held |" in told
    assert "| b | 4 | **1 broken** |" in told
    assert "- b, 1: x ¦ y" in told
