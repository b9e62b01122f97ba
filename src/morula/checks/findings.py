"""Something worth knowing about the data, and how much of it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SHOWN = 5  # findings of one kind that are listed one by one

Remedy = Literal["", "pixel size", "names", "annotate", "redraw", "copy"]
"""What would mend it, where that is known: to say how large a pixel is, or what names tell; to annotate more; to draw a
mask anew; to leave a copy out."""


@dataclass(frozen=True)
class Finding:
    """A problem or a peculiarity of the data.

    Attributes:
        severity: an error forbids training, a warning is a doubt, a note is nothing to worry about.
        file: the file or files it is about; empty where it is about all.
        problem: what is wrong, without a full stop.
        advice: what to do, a sentence; findings with the same advice are of one kind.
        remedy: what would mend it; empty where nothing is known that would.
        frame: the number of the frame in its file that it is about; None where it is about all.
        suggestion: what could be told, where that would mend it.
    """

    severity: Literal["error", "warning", "note"]
    file: str
    problem: str
    advice: str = ""
    remedy: Remedy = ""
    frame: int | None = None
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        return f"{where}{self.problem}. {self.advice}".strip()

    @property
    def advice_without_options(self) -> str:
        """What to do, without what only options of the command line can.

        >>> Finding("error", "", "", "Move it away, or read it with --axes. Or use --channels.").advice_without_options
        'Move it away.'
        """
        return without_options(self.advice)


def without_options(words: str) -> str:
    """Sentences without what only options of the command line can."""
    sentences = [sentence.rstrip(".").split(", or ") for sentence in words.split(". ") if sentence]
    kept = [[part for part in parts if "--" not in part] for parts in sentences]
    return " ".join(f"{', or '.join(parts)}." for parts in kept if parts)


def join_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings, with those of one kind beyond the first few joined into one."""
    kinds: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[finding.severity, finding.advice or finding.problem].append(finding)
    joined = []
    for kind in kinds.values():
        joined += kind[:SHOWN]
        rest = kind[SHOWN:]
        if rest:
            problem = f"the same kind of problem in {len(rest)} more, the last {rest[-1].file}"
            joined.append(Finding(rest[-1].severity, "", problem, rest[-1].advice))
    return tuple(joined)
