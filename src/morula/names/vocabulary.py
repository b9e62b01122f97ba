"""The words that microscopes and people write before numbers in names of files, and what is counted behind them."""

from __future__ import annotations

from typing import Literal

Role = Literal["text", "well", "site", "time", "slice", "channel", "ignored"]
"""What a part of a name tells: what the image is of, the well, the place in it, the moment, the slice, the light that
it was seen in, or nothing."""

TIMES = frozenset({"t", "tp", "time", "timepoint", "frame", "sk"})
DAYS = frozenset({"week", "wk", "day", "days", "hour", "hr"})
"""What is counted in time behind a sample; alone, `day3` is rather a sample itself."""
SLICES = frozenset({"z", "slice"})
CHANNELS = frozenset({"ch", "channel", "chan", "wavelength"})
FILMED = frozenset({"movie", "video", "film", "timelapse", "stack", "volume", "position", "pos", "xy", "scan"})
"""What a number behind it is a moment of."""
SITES = FILMED | {"site", "field", "fov", "series", "region", "roi", "tile", "scene", "point", "image", "img", "repeat",
                  "rep", "f", "p", "s", "m", "fk", "fl"}
LETTERS: dict[str, Role] = {"c": "channel", "w": "channel", "d": "time", "h": "time"}
"""What is counted behind a letter where something beside it says that a microscope wrote the name."""
IDLE = frozenset({"l", "a"})
"""The time line and the action of CellVoyager: they follow from the moment."""

ROLES: dict[str, Role] = {
    **dict.fromkeys(TIMES | DAYS, "time"), **dict.fromkeys(SLICES, "slice"), **dict.fromkeys(CHANNELS, "channel"),
    **dict.fromkeys(SITES, "site"), **dict.fromkeys(IDLE, "ignored"),
}
"""What is counted behind each word that says so by itself."""
WORDS = TIMES | DAYS | SLICES | CHANNELS | SITES | LETTERS.keys()

JOINED = frozenset({"r", "c", "f", "p", "ch", "sk", "fk", "fl", "t", "z", "s", "m", "xy", "w", "l", "a", "d"})
"""Words that stand beside each other with nothing between, as in `r01c01f01p01` and `T0001F001L01A01Z01C01`."""
WELLS = (("r", "c"), ("w",))
"""Words that number a well, row and column or all in one, at the beginning of such a row."""

DYES = frozenset({
    "dapi", "hoechst", "gfp", "egfp", "rfp", "yfp", "cfp", "bfp", "irfp", "fitc", "tritc", "texasred", "txred", "cy3",
    "cy5", "cy7", "mcherry", "tdtomato", "venus", "mneongreen", "mscarlet", "bf", "brightfield", "phase", "ph",
    "phasecontrast", "dic", "trans", "transmitted", "red", "green", "blue", "farred", "fluorescence",
})
"""Lights and dyes, by which channels are called."""
