"""How things say what they are, read back as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import morula
from morula.cards import LETTERS, ROWS, Card
from morula.images.image import Image
from morula.measuring.measurement import Measured
from morula.models.model import Model
from morula.workflows import DrawingSettings

MOST = 100_000
"""Bytes that a notebook is given of one thing."""


class Page(HTMLParser):
    """The texts of table cells, and that every element ends."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.outside: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert not any(name.startswith("on") or value.startswith("http") for name, value in attrs)
        if tag != "img":
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data
        else:
            self.outside.append(data)


@given(st.text(max_size=200), st.lists(st.tuples(st.text(max_size=80), st.text(max_size=200)), max_size=8))
def test_a_browser_reads_what_was_said(title, rows):
    page = Page(Card(title, rows).html())
    assert [cell.replace("\r\n", "\n") for cell in page.cells] == [
        part.replace("\r\n", "\n") for row in rows for part in row]
    assert "".join(page.outside) == title


def test_however_much_there_is_to_say():
    html = Card("<b>" * 9999, [("&" * 9999, "<" * 9999)] * 9999).html()
    assert Page(html).cells[-1] == f"and {9999 - ROWS:,} more"
    assert len(html) < 9 * (ROWS + 1) * 2 * LETTERS


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_a_picture_of_noise_is_small(channels):
    noise = np.random.default_rng(0).integers(0, 256, (channels, 400, 400)).astype(np.uint8)
    names = ("red", "green", "blue") if channels == 3 else None
    html = Image.from_array(noise, "CYX", channels=names)._repr_html_()
    assert html.count("<img") == 1
    assert len(html) < MOST


def test_what_workflows_give_shows_itself(tmp_path):
    other = morula.draw("gastruloids", tmp_path / "other", DrawingSettings(count=2, movies=2))
    drawn = morula.draw("gastruloids", tmp_path / "<drawn>", DrawingSettings(count=2, movies=2))
    measured = morula.measure(drawn.masks, tmp_path / "table.csv")
    table = measured.read()
    model = Model.load("gastruloid")
    for each in (drawn, measured, table, model, model.plan, morula.check(drawn.images, drawn.masks),
                 morula.evaluate(other.masks, drawn.masks), morula.plot(tmp_path / "table.csv", tmp_path / "plots")):
        html = each._repr_html_()
        page = Page(html)
        assert page.outside[0] == repr(each).splitlines()[0]
        assert len(html) < MOST
        assert "<drawn>" not in html
    assert str(Path(drawn.images)) in Page(drawn._repr_html_()).cells[1]
    assert "gastruloid" not in repr(model.plan)
    assert Page(table._repr_html_()).cells[:4] == list(table.columns)[:4]
    assert isinstance(measured, Measured)
