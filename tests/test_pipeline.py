"""Work that runs ahead keeps its order, its errors and its bounds; work that is done meanwhile is done in the end."""

from __future__ import annotations

import threading
import time

import pytest

from morula.pipeline import Meanwhile, Unwanted, ahead


def test_everything_comes_in_order_with_what_was_made_of_it():
    def slowly(number, _):  # the first take longest
        time.sleep(0.02 / (1 + number))
        return number**2

    assert list(ahead(slowly, range(20), 3)) == [(number, number**2) for number in range(20)]


def test_no_more_is_taken_than_is_worked_on():
    taken = []
    made = ahead(lambda number, _: number, (taken.append(number) or number for number in range(100)), 2)
    for number, _ in made:
        assert len(taken) <= number + 3


def test_with_room_for_more_nobody_waits_for_the_slowest():
    slow, taken = threading.Event(), []

    def work(number, _):
        if number == 0:
            assert slow.wait(10)
        if number == 4:  # by the other thread, while the first still waits
            slow.set()
        return number

    for number, made in ahead(work, (taken.append(number) or number for number in range(20)), 2, 4):
        assert number == made
        assert len(taken) <= number + 5


def test_work_goes_on_while_what_was_made_is_used():
    begun = threading.Event()

    def work(number, _):
        if number == 1:
            begun.set()

    for number, _ in ahead(work, range(3), 1):
        if number == 0:
            assert begun.wait(10)


def test_an_error_comes_in_its_turn():
    made = ahead(lambda number, _: 1 / number, [2, 1, 0, 1], 2)
    assert [next(made), next(made)] == [(2, 0.5), (1, 1.0)]
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_nothing_new_is_begun_once_it_is_given_up():
    done = []
    made = ahead(lambda number, _: done.append(number), range(100), 2)
    next(made)
    made.close()
    time.sleep(0.05)
    assert len(done) <= 3


def test_parts_are_seen_here_while_they_are_waited_for():
    """Each as its thread tells it, the first that is waited for before the next."""
    here, seen, half = threading.get_ident(), [], threading.Event()

    def work(number, on_part):
        on_part(0.5 + number / 10)
        if number == 0:
            assert half.wait(10)
        return number

    def watch(begun):
        assert threading.get_ident() == here
        seen.append([(each.given, each.done) for each in begun])
        half.set()

    assert list(ahead(work, range(2), 2, watch=watch)) == [(0, 0), (1, 1)]
    assert seen[0] == [(0, 0.5), (1, 0.6)]


def test_work_that_is_given_up_ends_where_it_tells_of_a_part():
    ended, begun = threading.Event(), threading.Event()

    def work(number, on_part):
        begun.set()
        try:
            for _ in range(200):
                time.sleep(0.01)
                on_part(0.1)
        except Unwanted:
            ended.set()

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(ahead(work, range(100), 2, watch=stop))
    assert begun.is_set()
    assert ended.wait(10)


def test_work_is_done_meanwhile_and_all_of_it_in_the_end():
    others, done = threading.Barrier(3, timeout=10), []
    with Meanwhile(3) as meanwhile:
        for number in range(6):  # each waits for two others
            meanwhile.do(lambda number: (others.wait(), done.append(number)), number)
    assert sorted(done) == list(range(6))


def test_what_goes_wrong_meanwhile_is_raised_and_no_more_is_begun():
    begun = []

    def work(number):
        begun.append(number)
        if number == 2:
            raise ZeroDivisionError

    def give(numbers):
        with Meanwhile(1) as meanwhile:
            for number in numbers:
                meanwhile.do(work, number)

    with pytest.raises(ZeroDivisionError):
        give(range(1000))
    assert len(begun) < 10
    with pytest.raises(ZeroDivisionError):
        give([2])


def test_no_more_is_given_than_there_is_room_for():
    given, enough = [], threading.Event()
    with Meanwhile(1) as meanwhile:
        threading.Timer(0.1, enough.set).start()
        for _ in range(6):
            meanwhile.do(enough.wait, 10)
            given.append(enough.is_set())
    assert given.count(False) == 2
