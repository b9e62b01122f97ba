"""Attack what is promised, and write what came of it to `docs/reliability.md`.

    python -m campaign [ATTACK ...] [--share 1.0] [--seed 0]

The page is written where all attacks were made in full. The status is 1 if anything broke.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping

from campaign.altered import altered
from campaign.attempts import why_not
from campaign.deaths import deaths
from campaign.endurance import endurance
from campaign.faults import faults
from campaign.mutants import ORIGINALS
from campaign.order import order
from campaign.outcomes import Attack, Outcome
from campaign.page import PAGE, page
from campaign.readers import hostile
from campaign.stops import stops
from campaign.strangers import strangers

ATTACKS: Mapping[str, tuple[Attack, int]] = {
    "order": (order, 6),
    "stops": (stops, 300),
    "faults": (faults, 60),
    "deaths": (deaths, 50),
    "hostile": (hostile, 20_000),
    "altered": (altered, 1_000),
    "strangers": (strangers, 1_000),
    "endurance": (endurance, 10_000),
}
"""Each attack, and how often in full: stops and faults for each work, the order for as many of them."""
TRACED = ("order", "stops", "faults")


def main() -> None:
    """Make the attacks that are asked for, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m campaign", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("attacks", nargs="*", choices=[[], *ATTACKS], help="all where left out")
    parser.add_argument("--share", type=float, default=1.0, help="of the tries of each attack")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chosen = asked.attacks or list(ATTACKS)
    if (missing := why_not()) and set(chosen) & set(TRACED):
        sys.exit(f"{missing}. Leave out {', '.join(TRACED)}.")
    began, outcomes = time.monotonic(), []
    for name in chosen:
        attack, tries = ATTACKS[name]
        for outcome in attack(max(1, round(tries * asked.share)), asked.seed):
            outcomes.append(outcome)
            _say(outcome, time.monotonic() - began)
    if not asked.attacks and asked.share == 1:
        PAGE.write_text(page(outcomes, asked.seed, len(ORIGINALS)), encoding="utf-8")
    sys.exit(any(outcome.broken for outcome in outcomes))


def _say(outcome: Outcome, seconds: float) -> None:
    said = f"{len(outcome.broken):,} BROKEN" if outcome.broken else outcome.held
    print(f"{seconds / 60:5.1f} min  {outcome.attack}, {outcome.tries:,} tries: {said}", flush=True)
    for wrong in outcome.broken:
        print(f"    {wrong}", flush=True)


if __name__ == "__main__":
    main()
