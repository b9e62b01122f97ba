"""Names that people gave, made harmless where they stand in tables, in comments and in texts of programs."""

from __future__ import annotations

import re

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Whatever begins a new line somewhere, or does other things than to be seen."""
OF_COMMENTS = re.compile(r"(?<=\*)(?=[)/])|(?<=[(/])(?=\*)|(?<=\\)(?=u)")
"""Between the signs that begin and end comments, in Wolfram Language and Java; Java also reads letters as `\\u000a`."""


def one_line(text: str) -> str:
    r"""On one line.

    >>> one_line("DAPI\n  405")
    'DAPI 405'
    """
    return " ".join(UNSEEN.sub(" ", text).split())


def in_table(text: str) -> str:
    r"""As it may stand in a cell of a Markdown table.

    >>> print(in_table("red|green <b>"))
    red\|green &lt;b>
    """
    return one_line(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def in_comment(text: str) -> str:
    """As it may stand in a comment of any language, which goes on after it.

    >>> in_comment("a *) b */ c")
    'a * ) b * / c'
    """
    return OF_COMMENTS.sub(" ", one_line(text))


def with_backslashes(text: str) -> str:
    r"""In quotes, as Python, Java and Wolfram Language write a text of one line.

    >>> print(with_backslashes('my "own" \\ model'))
    "my \"own\" \\ model"
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def with_doubled_quotes(text: str) -> str:
    """In quotes, as MATLAB writes a text of one line.

    >>> with_doubled_quotes('my "own" model')
    '"my ""own"" model"'
    """
    return '"' + text.replace('"', '""') + '"'
