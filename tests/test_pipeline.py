"""Work that runs ahead keeps its order, its errors and its bounds."""

from __future__ import annotations

import threading
import time

import pytest

from morula.pipeline import ahead


def test_everything_comes_in_order_with_what_was_made_of_it():
    def slowly(number):  # the first take longest
        time.sleep(0.02 / (1 + number))
        return number**2

    assert list(ahead(slowly, range(20), 3)) == [(number, number**2) for number in range(20)]


def test_no_more_is_taken_than_is_worked_on():
    taken = []
    made = ahead(lambda number: number, (taken.append(number) or number for number in range(100)), 2)
    for number, _ in made:
        assert len(taken) <= number + 3


def test_with_room_for_more_nobody_waits_for_the_slowest():
    slow, taken = threading.Event(), []

    def work(number):
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

    def work(number):
        if number == 1:
            begun.set()

    for number, _ in ahead(work, range(3), 1):
        if number == 0:
            assert begun.wait(10)


def test_an_error_comes_in_its_turn():
    made = ahead(lambda number: 1 / number, [2, 1, 0, 1], 2)
    assert [next(made), next(made)] == [(2, 0.5), (1, 1.0)]
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_nothing_new_is_begun_once_it_is_given_up():
    done = []
    made = ahead(done.append, range(100), 2)
    next(made)
    made.close()
    time.sleep(0.05)
    assert len(done) <= 3
