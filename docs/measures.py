"""The page of measures, made from the table in the code: `.venv/bin/python docs/measures.py` writes its tables anew."""

from __future__ import annotations

import re
from pathlib import Path

from morula.objects.measures import TOPICS, UNITS, Measure

PAGE = Path(__file__).with_name("measures.md")
PLACE = re.compile(r"(<!-- measures -->\n).*?(<!-- end of measures -->)", re.DOTALL)


def tables() -> str:
    """A table in Markdown for each topic."""
    heading = "| column | unit | exists in | what it tells | how it is computed | source |\n" + "| --- " * 6 + "|\n"
    return "\n".join(
        f"## {topic}\n\n{heading}" + "".join(map(row, measures)) for topic, measures in TOPICS.items()
    )


def row(measure: Measure) -> str:
    """A measure as a row of its table."""
    cells = (f"`{measure.column}`", UNITS[measure.unit], measure.dimensions, measure.meaning, measure.formula,
             measure.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def with_tables(text: str) -> str:
    """The page with its tables as the code has them now."""
    return PLACE.sub(lambda place: f"{place[1]}{tables()}{place[2]}", text)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
