"""Whatever a name is, it stays in its cell, its comment and its quotes."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from morula.exports.quoting import UNSEEN, in_comment, in_table, one_line, with_backslashes, with_doubled_quotes

ODD = st.sampled_from("*/()|\\\"'u\n\r\x0b\x0c\x1c\x85\u2028\u2029")
NAMES = st.text(st.one_of(ODD, st.characters(codec="utf-8")), max_size=12)


@given(NAMES)
def test_names_stay_on_their_line(name):
    for told in (one_line(name), in_table(name), in_comment(name)):
        assert len(told.splitlines()) <= 1
        assert not UNSEEN.search(told)


@given(NAMES)
def test_no_comment_ends_or_begins_within_a_name(name):
    assert not any(sign in in_comment(name) for sign in ("(*", "*)", "/*", "*/", "\\u"))


@given(NAMES)
def test_each_bar_in_a_cell_has_an_odd_number_of_backslashes_before_it(name):
    cell = in_table(name)
    for place in (place for place, letter in enumerate(cell) if letter == "|"):
        before = cell[:place]
        assert (len(before) - len(before.rstrip("\\"))) % 2


@given(NAMES.filter(lambda name: not UNSEEN.search(name)))
def test_a_text_in_quotes_is_read_as_it_was(name):
    assert ast.literal_eval(with_backslashes(name)) == name
    assert with_doubled_quotes(name)[1:-1].replace('""', '"') == name
