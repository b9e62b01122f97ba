"""What people see: names as they are, worst first, and lines instead of bars where nobody watches."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from rich.console import Console

from morula import console
from morula.scores.compare import compare_masks, summarise


@pytest.fixture
def terminal(monkeypatch):
    """Replace both consoles by terminals of 60 columns that write into one text."""
    text = io.StringIO()
    screen = Console(file=text, force_terminal=True, width=60, markup=False, highlight=False, emoji=False)
    monkeypatch.setattr(console, "results", screen)
    monkeypatch.setattr(console, "messages", screen)
    return text


class Trouble:
    """As a finding: a severity and a sentence."""

    def __init__(self, severity: str, sentence: str):
        self.severity, self.sentence = severity, sentence

    def __str__(self) -> str:
        return self.sentence


def test_names_of_files_are_never_markup(capsys):
    console.print_rows([("File", "[red]a[/red] :smile:.tif")])
    console.say_error("[bold]b.tif is missing.")
    shown = capsys.readouterr()
    assert shown.out == "File: [red]a[/red] :smile:.tif\n"
    assert shown.err == "Error: [bold]b.tif is missing.\n"


def test_long_lines_are_not_broken_where_they_are_read_by_programs(capsys):
    console.print_rows([("Files", "x" * 300)])
    assert capsys.readouterr().out == f"Files: {'x' * 300}\n"


def test_a_terminal_wraps_long_values_beside_their_label(terminal):
    console.print_rows([("Files", "x" * 70), ("Sizes", "3")])
    lines = terminal.getvalue().splitlines()
    assert len(lines) == 3
    assert "Files" in lines[0]
    assert "Files" not in lines[1]


def test_errors_come_before_warnings_before_notes(capsys):
    severities = {"n": "note", "e1": "error", "w": "warning", "e2": "error"}
    console.print_findings([Trouble(severity, sentence) for sentence, severity in severities.items()])
    assert capsys.readouterr().out.splitlines() == ["error: e1", "error: e2", "warning: w", "note: n"]


def test_errors_are_red_on_a_terminal_and_plain_where_no_colour_is_wanted(terminal, monkeypatch):
    console.print_findings([Trouble("error", "e")])
    assert "\x1b[1;31merror" in terminal.getvalue()
    text = io.StringIO()
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(console, "results", Console(file=text, force_terminal=True))
    console.print_findings([Trouble("error", "e")])
    assert "31m" not in text.getvalue()


def test_scores_are_the_numbers_of_the_summary(capsys):
    truth = np.array([[0, 0, 1, 1]], np.uint8)
    scores = summarise([compare_masks(truth, np.array([[0, 1, 1, 1]], np.uint8), 2, name="a")])
    console.print_scores(scores)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "images: 1",
        "pixel accuracy: 0.7500",
        f"mean IoU: {(1 / 2 + 2 / 3) / 2:.4f}, background included",
        f"foreground IoU: {2 / 3:.4f}",
    ]
    assert lines[-2].split()[:4] == ["class", "1", "0.6667", "0.8000"]
    assert lines[-1].split() == ["class", "2", "–", "–", "–", "–", "0"]


def test_progress_in_a_log_is_seldom(capsys, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: clock[0])
    show = console.progress_lines()
    for second in range(35):
        clock[0] = second
        show(second, 35, "reading")
    assert capsys.readouterr().err.splitlines() == [f"reading ({second} of 35)" for second in (10, 20, 30)]


def test_progress_within_a_piece_is_a_share_with_the_time_left(capsys, monkeypatch):
    clock = [0.0]
    for name in ("monotonic", "perf_counter"):
        monkeypatch.setattr(console.time, name, lambda: clock[0])
    show = console.progress_lines()
    for second in range(41):
        clock[0] = second
        show(min(1, second / 40), 1, "a.tif")
    assert capsys.readouterr().err.splitlines() == [
        "a.tif (25%, 30 s left)", "a.tif (50%, 20 s left)", "a.tif (75%, 10 s left)", "a.tif (1 of 1)"]


def test_progress_on_a_terminal_shows_words_and_share_and_leaves_no_trace(terminal):
    with console.live_progress() as show:
        show(1, 4, "reading [images]")
        show(2.5, 4, "reading [images]")
    shown = terminal.getvalue()
    assert "reading [images]" in shown
    assert "62%" in shown
    assert shown.endswith("\x1b[2K")  # the line is wiped


def test_a_terminal_without_our_letters_gets_escapes(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    console.write_anything()
    console.print_line("5 µm")
    sys.stdout.flush()
    assert raw.getvalue() == b"5 \\xb5m\n"
