"""`docs/reliability.md`: what was attacked, how often, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from campaign.outcomes import Outcome

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
HEAD = """# Reliability

What is [promised](promises.md) is attacked by `make campaign`, which takes an hour or two and writes this page. All
that is random follows from a seed, so that what was found can be found again. A small part of each attack runs in the
tests, and `make campaign-fails` shows that the campaign notices where a safeguard is taken out. Both need Linux and
strace.

This is the run of the seed {seed}: {tries:,} tries, {broken}.

| attack | tries | outcome |
| --- | --- | --- |
"""
FOOT = """
**Order.** A plug cannot be pulled here, but the trace of a run shows what that would take: what was written, and not
brought to the disk before something took its name.

**Stops.** The process is killed by strace when it begins a system call that would change the folder it writes into: at
each such call, or at one of each of as many stretches as are named. Then all files under final names are opened, the
work is done again as its words say how, and what lies there at the end is compared with that of a run that nobody
disturbed: weights, pixels, tables, texts.

**Faults.** At such calls the system says that the disk is full, that it fails, or that a share of it is used up.

**Deaths.** Of a run that shares its images among two processes, some are killed while it works, and one image is such
that each of them dies when it opens it. A fault in a process that writes masks by itself ends it.

**Files.** Those of {kinds} kinds are read by processes that may take 1 GB and 10 s of the processor each. A file must
be read, or refused by its name; of damage that leaves a file in good form nothing is known.

**Models.** While they are read and used, a hook of Python hears whatever is unpickled, run or started.

**Strangers.** These are lines of bytes to a studio that runs; what a browser does is in the tests of the studio.

**Endurance.** A process is looked at from outside: the memory that is its own, its threads, its open files, each at its
least within a tenth of the work, once it had settled and at its end. More than 20 MB, one thread or one file is broken.
"""


def page(outcomes: Sequence[Outcome], seed: int, kinds: int) -> str:
    """The page, in Markdown."""
    broken = [wrong for outcome in outcomes for wrong in outcome.broken]
    rows = [f"| {outcome.attack} | {outcome.tries:,} | "
            f"{f'**{len(outcome.broken):,} broken**' if outcome.broken else outcome.held} |" for outcome in outcomes]
    lines = [f"- {' '.join(wrong.split()).replace('|', '¦')}" for wrong in broken]
    found = ["", "## Broken", "", *lines] if lines else []
    said = f"{len(broken):,} broken" if broken else "none broken"
    head = HEAD.format(seed=seed, tries=sum(outcome.tries for outcome in outcomes), broken=said)
    return "\n".join([head + "\n".join(rows), FOOT.format(kinds=kinds).rstrip(), *found, ""])
