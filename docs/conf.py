"""The site of these pages: `make site` builds it in `build/site`.

The pages are those that a code host shows. The lists of `README.md` and `decisions/README.md` are the site's contents,
too, and what lies outside of this folder (`../README.md`) has a page here that includes it.
"""

from __future__ import annotations

import re
from importlib import metadata
from os.path import relpath
from pathlib import Path

from sphinx.application import Sphinx

from morula.plots import palette

HERE = Path(__file__).parent
LISTS = {"index", "decisions/README"}
"""Pages whose lists of pages are contents."""
INCLUDED = re.compile(r"^```\{include\} (\S+)\n```$", re.MULTILINE)
LINK = re.compile(r"(\]\()([^)\s#]+)")
LISTED = re.compile(r"^(?:-|\d+\.) \[(.+?)\]\((\S+?)\)", re.MULTILINE)
PAGES = {HERE.parent / "README.md": "start.md", HERE.parent / "CHANGELOG.md": "changes.md",
         HERE / "README.md": "index.md", HERE / "stories" / "README.rst": "told/index.rst"}
"""Where files have their pages that are not pages themselves."""

project, author, release = "Morula", "The Morula authors", metadata.version("morula")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_gallery.gen_gallery"]
root_doc = "index"
exclude_patterns = ["README.md", "stories"]
myst_heading_anchors = 4
default_role = "code"
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("Files", "Progress", "Tell")}
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 88
nitpick_ignore_regex = [("py:class", ".*")]   # types of arguments, of which most are inner ones or those of others
html_theme = "furo"
html_title = "Morula"
html_static_path = ["site"]
html_css_files = ["site.css"]
html_favicon = html_logo = "site/logo.svg"
html_copy_source = html_show_copyright = html_show_sphinx = False
html_theme_options = {
    f"{side}_css_variables": dict.fromkeys(
        ("color-brand-primary", "color-brand-content", "color-brand-visited"), palette.THEME["accent"][place])
    for place, side in enumerate(("light", "dark"))
}
sphinx_gallery_conf = {
    "examples_dirs": "stories",
    "gallery_dirs": "told",
    "filename_pattern": "/plot_",
    "ignore_pattern": "side_by_side",
    "within_subsection_order": "FileNameSortKey",
    "image_srcset": ["2x"],
    "download_all_examples": False,
    "write_computation_times": False,
    "capture_repr": ("_repr_html_",),
    "remove_config_comments": True,
    "show_signature": False,
}


def as_pages(app: Sphinx, name: str, source: list[str]) -> None:
    """Take in what a page includes, let links lead to pages, and make contents of lists."""
    page = (HERE / name).parent
    for file in INCLUDED.findall(source[0]):
        app.env.note_dependency(page / file, docname=name)
    text = INCLUDED.sub(lambda found: _from(page, (page / found[1]).resolve(), titled=not found.start()), source[0])
    text = LINK.sub(lambda link: link[1] + _place(link[2], page, page), text)
    if name in LISTS:
        text += "".join(map(_contents, re.split(r"^(?=## )", text, flags=re.MULTILINE)))
    source[0] = text


def _from(page: Path, file: Path, *, titled: bool) -> str:
    """What a file says, for a page in this folder, with its title or, where the page has one already, without."""
    text = file.read_text(encoding="utf-8")
    text = text if titled else text.partition("\n")[2]
    return LINK.sub(lambda link: link[1] + _place(link[2], file.parent, page), text)


def _place(link: str, written: Path, read: Path) -> str:
    """Where a link of a file in one folder leads from another."""
    if "://" in link or link.startswith("mailto:"):
        return link
    target = (written / link).resolve()
    return Path(relpath(HERE / PAGES[target] if target in PAGES else target, read)).as_posix()


def _contents(section: str) -> str:
    """The pages that a section lists, in the margin of the site."""
    lines = [f"{title} <{Path(target).with_suffix('')}>" for title, target in LISTED.findall(section)]
    caption = re.findall(r"^## (.+)", section)
    head = ["```{toctree}", ":hidden:", *(f":caption: {words}" for words in caption), ""]
    return "\n".join(["\n", *head, *lines, "```", ""]) if lines else ""


def setup(app: Sphinx) -> None:
    app.connect("source-read", as_pages)
