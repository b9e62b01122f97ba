"""Which of the scored images are new to the model: what it learned from says nothing about others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from morula.scores.compare import Scores, summarise

Seen = Literal["training", "validation", "new"]
"""What a model knows a frame from: it learned from it, it was judged by it while it learned, or it never saw it."""
SEEN: tuple[Seen, ...] = ("training", "validation", "new")


def scores_of_new(scores: Scores, seen: Sequence[Seen | None]) -> Scores | None:
    """The scores of the images that are new, where others are none; None otherwise.

    Args:
        scores: of all images.
        seen: what the model knows each from, in their order; None where nobody knows.
    """
    fresh = [image for image, known in zip(scores.images, seen, strict=True) if known == "new"]
    return summarise(fresh, scores.names[1:]) if 0 < len(fresh) < len(seen) else None


def novelty_in_words(scores: Scores, seen: Sequence[Seen | None]) -> str:
    """How many of the scored images the model learned from, and what that means; empty where it saw none of them."""
    counts, total = Counter(seen), len(seen)
    learned, judged = counts["training"], counts["validation"]
    sentences = []
    if learned:
        which = ("this image" if total == 1 else f"all of these {total:,} images" if learned == total
                 else f"{learned:,} of these {total:,} images")
        whose, others = ("Its score says", "others") if learned == 1 else ("Their scores say", "new ones")
        sentences.append(f"The model learned from {which}. {whose} nothing about {others}.")
    if judged:
        more = "more " if learned else f"of these {total:,} images "
        verb = "was" if judged == 1 else "were"
        sentences.append(f"{judged:,} {more}{verb} used to judge it while it learned, and may flatter it.")
    if sentences and (fresh := scores_of_new(scores, seen)) and fresh.foreground_iou is not None:
        sentences.append(f"{counts['new']:,} new to it: foreground IoU {fresh.foreground_iou:.3f}.")
    return " ".join(sentences)
