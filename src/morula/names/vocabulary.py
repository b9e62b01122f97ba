"""The words that microscopes and people write before numbers in names of files, and what is counted behind them."""

from __future__ import annotations

from typing import Literal

Role = Literal["text", "well", "site", "time", "slice", "channel", "ignored"]
"""What a part of a name tells: what the image is of, the well, the place in it, the moment, the slice, the light that
it was seen in, or nothing."""

TIMES = frozenset({"t", "tp", "time", "timepoint", "frame", "sk", "zeit", "zeitpunkt", "temps"})
DAYS = frozenset({"week", "wk", "day", "days", "hour", "hr", "woche", "tag", "stunde", "semaine", "jour", "heure"})
"""What is counted in time behind a sample; alone, `day3` is rather a sample itself."""
SLICES = frozenset({"z", "slice"})
CHANNELS = frozenset({"ch", "channel", "chan", "wavelength", "kanal", "canal"})
FILMED = frozenset({"movie", "video", "film", "timelapse", "stack", "volume", "position", "pos", "xy", "scan"})
"""What a number behind it is a moment of."""
SITES = FILMED | {"site", "field", "fov", "series", "region", "roi", "tile", "scene", "point", "image", "img", "bild",
                  "repeat", "rep", "f", "p", "s", "m", "fk", "fl"}
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
    "dapi", "hoechst", "gfp", "egfp", "rfp", "mrfp", "yfp", "eyfp", "cfp", "ecfp", "bfp", "irfp", "mirfp", "fitc",
    "tritc", "texasred", "txred", "cy3", "cy5", "cy7", "mcherry", "tdtomato", "tomato", "venus", "mvenus", "citrine",
    "mcitrine", "mturquoise", "mturquoise2", "mcerulean", "mneongreen", "mscarlet", "bf", "brightfield", "phase", "ph",
    "phasecontrast", "dic", "trans", "transmitted", "red", "green", "blue", "farred", "fluorescence",
})
"""Lights and dyes, by which channels are called."""
DYES_IN_TWO_WORDS = ("bright field", "phase contrast", "texas red", "far red")
NUMBERED_DYES = r"(?:alexa(?:[ _-]?fluor)?[ _-]?|af|m?irfp)\d{3}"
"""Dyes that are called by their wavelength, as `Alexa488` and `iRFP670`."""
WAVELENGTHS = r"(?!\d+[05]0nm)(?:3[5-9]\d|[4-9]\d\d|10\d\d)nm"
"""Lights by their wavelength, as `488nm`; amounts are round, as `500nm` of beads, and `nM` is none."""
