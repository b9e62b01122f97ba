"""What every page has in common: its head, its colours, its style."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files

from morula.plots import palette


def document(title: str, subtitle: str, body: str) -> str:
    """A page as HTML with everything in it, in the reader's light or dark.

    Args:
        title: as plain text.
        subtitle: likewise.
        body: HTML, in which every text is escaped already.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
{_colours()}
{files("morula.reports").joinpath("page.css").read_text(encoding="utf-8")}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
<p>{escape(subtitle)}</p>
</header>
{body}
</body>
</html>
"""


def legend(colours: Mapping[str, str]) -> str:
    """What colours mean, by their names; nothing without any."""
    items = "".join(f'<li><i style="background:{colour}"></i>{escape(label)}</li>' for label, colour in colours.items())
    return f'<ul class="legend">{items}</ul>' if items else ""


def _colours() -> str:
    light = "".join(f"--{name}:{colours[0]};" for name, colours in palette.THEME.items())
    dark = "".join(f"--{name}:{colours[1]};" for name, colours in palette.THEME.items())
    fixed = f"--truth-only:{palette.TRUTH_ONLY};--other-class:{palette.OTHER_CLASS};"
    return (f":root {{ {light}{fixed} }}\n"
            f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}")
