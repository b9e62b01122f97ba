"""The page is read as a browser reads it: parsed, with nothing fetched, nothing run, nothing unescaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from morula.errors import OutputError
from morula.plots import palette
from morula.plots.overlay import overlay
from morula.reports.page import GalleryItem, Report, choose_for_gallery, page, write_report
from morula.scores.compare import Scores, compare_masks, summarise
from morula.scores.matching import match_objects

NASTY = '<b onclick="x()">évil & "co".png'
VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """Tags with their attributes, the text of each kind of element, and whether every tag was closed."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)


def scored(names: list[str], classes: int = 1) -> Scores:
    """Images with ever worse predictions, the first without a fault."""
    images = []
    for shift, name in enumerate(names):
        truth, predicted = np.zeros((2, 30, 60), np.uint8)
        truth[5:25, 5:25] = 1
        predicted[5:25, 5 + shift : 25 + shift] = 1
        images.append(compare_masks(truth, predicted, classes, name=name))
    return summarise(images)


@pytest.fixture(scope="module")
def full() -> Report:
    scores = scored(["good.tif", "fair.tif", NASTY])
    blank = np.zeros((1, 16, 16), np.uint8)
    png = overlay(blank, blank[0], blank[0], longest=16)
    return Report(
        title=f"Report on {NASTY}",
        subtitle="22 November 2025",
        data=[("pairs", "3"), ("file", NASTY)],
        findings=[("warning", f"{NASTY} is nearly empty.")],
        plan=["Patches of 160 × 160 pixels hold a whole object."],
        plan_numbers={"patch": (160, 160)},
        history=[{"step": 10, "loss": 0.5, "validation_iou": 0.5, "seconds": 1.0},
                 {"step": 20, "loss": 0.3, "validation_iou": 0.8123, "seconds": 2.0}],
        scores=scores,
        gallery=[GalleryItem(image.name, png, image.foreground_iou) for image in scores.images],
        timings={"training": 200.0},
        versions={"Morula": "0.1.0"},
        methods="Images were segmented with Morula.",
    )


def test_nothing_is_fetched_or_run(full):
    found = Page(page(full))
    assert not {"script", "link", "iframe", "object", "base", "form"} & {tag for tag, _ in found.tags}
    for _, attributes in found.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "xlink:href"):
                assert value is not None
                assert value.startswith(("data:image/png;base64,", "#"))
    assert not re.search(r"@import|url\((?!#)", page(full))


def test_names_are_text_never_markup(full):
    found = Page(page(full))
    assert NASTY in found.texts["h1"][0]
    assert f"Warning {NASTY} is nearly empty." in found.texts["li"]
    assert NASTY in found.texts["td"]
    assert any(NASTY in caption for caption in found.texts["figcaption"])
    assert any(NASTY in (attributes.get("alt") or "") for tag, attributes in found.tags if tag == "img")
    assert "onclick" not in {name for _, attributes in found.tags for name in attributes}


def test_the_true_numbers_are_there(full):
    found = Page(page(full))
    assert full.scores is not None
    numbers = [text.strip() for text in found.texts["dd"]]
    assert numbers[:3] == [f"{full.scores.foreground_iou:.3f}", f"{full.scores.mean_iou:.3f}",
                           f"{full.scores.pixel_accuracy:.4f}"]
    assert numbers[-1] == "3"
    for score in full.scores.classes:
        assert f"{score.dice:.3f}" in found.texts["td"]
        assert f"{score.boundary_95:.2f} px" in found.texts["td"]
    assert "3 min 20 s" in found.texts["td"]
    assert any("0.812 at the end" in text for text in found.texts["text"])
    assert found.texts["blockquote"] == [full.methods]


def test_images_go_from_worst_to_best(full):
    found = Page(page(full))
    captions = found.texts["figcaption"]
    assert [float(text[-5:]) for text in captions] == sorted(float(text[-5:]) for text in captions)
    assert captions[0].startswith(NASTY)
    rows = [row for row in found.texts["tr"] if row.startswith((NASTY, "fair.tif", "good.tif"))]
    assert [row[:4] for row in rows] == [NASTY[:4], "fair", "good"]


def test_the_legend_has_the_colours_of_the_overlays(full):
    html = page(full)
    for colour in (palette.BOTH, palette.TRUTH_ONLY, palette.PREDICTION_ONLY):
        assert f'<i style="background:{colour}">' in html
    assert palette.OTHER_CLASS not in html.split('class="legend"')[1].split("</ul>")[0]  # a single class
    two = page(replace(full, scores=scored(["a"], classes=2)))
    assert palette.OTHER_CLASS in two.split('class="legend"')[1].split("</ul>")[0]


def test_what_is_missing_leaves_no_trace(full):
    evaluation = Report(title="Scores", scores=full.scores)
    assert Page(page(evaluation)).texts["h2"] == ["Scores"]
    training = Page(page(Report(title="Training", history=full.history)))
    assert training.texts["h2"] == ["Training"]
    assert [text.strip() for text in training.texts["dd"]] == ["0.812", "20"]
    assert "h2" not in Page(page(Report(title="Nothing"))).texts


def test_a_long_table_is_folded():
    scores = [scored([f"{number}" for number in range(count)]) for count in (20, 21)]
    short, long = (Page(page(Report("x", scores=found))) for found in scores)
    assert [attributes for tag, attributes in short.tags if tag == "details"] == [{"open": None}]
    assert [attributes for tag, attributes in long.tags if tag == "details"] == [{}]
    assert long.count("tr") == short.count("tr") + 1


def test_charts_follow_the_light_and_the_dark_page(full):
    html = page(full)
    drawings = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert "var(--ink)" in drawings
    assert not any(light in drawings for light, _ in palette.THEME.values())
    style = html[html.index("<style>") : html.index("</style>")]
    for name in re.findall(r"var\(--([a-z-]+)\)", html):
        assert f"--{name}:" in style


def test_the_gallery_shows_the_worst_half_and_the_way_to_the_best():
    scores = scored([f"{number:02}" for number in range(20)])
    chosen = choose_for_gallery(scores, 8)
    assert [image.name for image in chosen[:4]] == ["19", "18", "17", "16"]
    assert chosen[-1].name == "00"
    assert len({image.name for image in chosen}) == 8
    assert chosen == sorted(chosen, key=lambda image: image.foreground_iou)
    assert choose_for_gallery(scores, 30) == list(scores.worst_first)


def test_a_page_is_written_whole(full, tmp_path):
    write_report(tmp_path / "deep" / "Bericht ü.html", full)
    assert (tmp_path / "deep" / "Bericht ü.html").read_text(encoding="utf-8") == page(full)
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["Bericht ü.html"]
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        write_report(tmp_path / "file" / "report.html", full)


def test_pictures_of_measures_have_a_section_and_follow_the_page_into_the_dark():
    chart = f'<svg><path fill="{palette.INK}"></path></svg>'
    found = Page(page(Report(title="t", measures=[("Over time & space", chart)])))
    assert "Measures" in found.texts["h2"]
    assert found.texts["h3"] == ["Over time & space"]
    assert ("path", {"fill": "var(--ink)"}) in found.tags
    assert "Measures" not in Page(page(Report(title="t"))).texts.get("h2", [])


def test_scores_of_objects_are_led_by_their_f1():
    truth, predicted = np.zeros((2, 30, 60), np.uint8)
    truth[5:25, 5:25] = 1
    truth[5:25, 35:55] = 2
    predicted[5:25, 6:26] = 1
    objects, scores = match_objects(truth, predicted), scored(["a.tif"])
    assert objects.f1() == 2 / 3
    labels = Page(page(Report(title="Objects", scores=scores, objects=objects))).texts
    assert dict(zip(labels["dt"], map(str.strip, labels["dd"]), strict=True))["F1 of objects"] == "0.667"
    assert "F1 of objects" not in Page(page(Report(title="Masks", scores=scores))).texts["dt"]
