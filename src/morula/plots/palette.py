"""The colours of every plot, overlay and page, in one place.

Red, blue and green carry the meaning of an overlay. Their hues follow Okabe and Ito (jfly.uni-koeln.de/color)
and differ in lightness too, so that they stay apart for readers who see red and green alike.
"""

from __future__ import annotations

INK = "#1d2733"
MUTED = "#67727f"
LINE = "#dde2e7"
PAPER = "#ffffff"
PANEL = "#f6f7f9"
ACCENT = "#2b6cb0"

TRUTH_ONLY = "#e5462f"
PREDICTION_ONLY = "#2f7df0"
BOTH = "#19b37d"
OTHER_CLASS = "#f2b134"
NOT_ANNOTATED = "#8a8f98"

CHANNELS = {
    1: ("#ffffff",),
    2: ("#ff5fd2", "#4de07a"),
    3: ("#ff5fd2", "#4de07a", "#4aa8ff"),
}
"""The colours of channels, by how many are shown; where all are bright, they mix to nearly white."""

CLASSES = (BOTH, OTHER_CLASS, PREDICTION_ONLY, TRUTH_ONLY, "#b565d8", "#3fc1d6")
"""The colours of classes, the first of class 1."""

CONDITIONS = ("#4d5763", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#b58900")
"""The colours of conditions, that of the control first, of Okabe and Ito."""

RAMP = ("#0b111a", "#1d3f6b", "#2f7fb8", "#7cc7c9", "#f3f7d9")
"""From little to much, each brighter than the one before."""

THEME = {
    "ink": (INK, "#e6eaef"),
    "muted": (MUTED, "#98a3b0"),
    "line": (LINE, "#313a45"),
    "paper": (PAPER, "#12161b"),
    "panel": (PANEL, "#1a2027"),
    "accent": (ACCENT, "#6aa9e9"),
}
"""The colours that follow the reader's light or dark page, by their names in a style sheet."""

OVERLAY = {
    "both": BOTH,
    "truth only": TRUTH_ONLY,
    "prediction only": PREDICTION_ONLY,
    "both, but different classes": OTHER_CLASS,
    "not annotated": NOT_ANNOTATED,
}
"""The legend of an overlay."""
OF_ANNOTATORS = {"truth only": "second annotator only", "prediction only": "first annotator only"}
"""What is said instead where both sides are people."""


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of a colour such as `"#19b37d"`."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
