"""Something worth knowing about the data, and how much of it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SHOWN = 5  # findings of one kind that are listed one by one


@dataclass(frozen=True)
class Finding:
    """A problem or a peculiarity of the data.

    Attributes:
        severity: an error forbids training, a warning is a doubt, a note is nothing to worry about.
        file: the file or files it is about; empty where it is about all.
        problem: what is wrong, without a full stop.
        advice: what to do, a sentence; findings with the same advice are of one kind.
    """

    severity: Literal["error", "warning", "note"]
    file: str
    problem: str
    advice: str = ""

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        return f"{where}{self.problem}. {self.advice}".strip()


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
