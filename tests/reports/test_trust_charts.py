"""The chart and the words about what a model knows of its own masks."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from morula.plots import palette
from morula.reports.page import Report, page
from morula.reports.trust_charts import trust_chart, trust_sentences

SVG = "{http://www.w3.org/2000/svg}"
LEARNED = {
    "frames": 9, "learned_from": [], "spoiled": 40, "temperature": 1.31, "calibration_error": [0.0213, 0.0044],
    "reliability": [[[0.1, 0.2, 50], [0.9, 0.8, 50]], [[0.2, 0.2, 50], [0.8, 0.8, 50]]],
    "mean_error": 0.0187, "covered": 0.889,
    "estimates": [[0.9, 0.92, 1.0], [0.8, 0.85, 1.0], [0.5, 0.2, 0.0], [0.3, 0.35, 0.0], [0.1, 0.0, 0.0]],
}


def test_each_estimate_is_a_dot():
    svg = ET.fromstring(trust_chart(LEARNED))
    words = ["".join(text.itertext()).strip() for text in svg.iter(f"{SVG}text")]
    assert {"Probabilities", "IoU of a frame", "calibrated", "held out, as they are"} <= set(words)
    dots = [use.get("style", "") for use in svg.iter(f"{SVG}use")]
    # Two of each curve, the estimates, and one of each kind in the legends.
    assert sum(palette.ACCENT in style for style in dots) == 2 + 2 + 2
    assert sum(palette.MUTED in style for style in dots) == 2 + 3 + 2


def test_the_words_have_the_numbers():
    words = trust_sentences(LEARNED)
    for number in ("9 frames", "0.019", "89 %", "1.31", "0.0213 to 0.0044"):
        assert number in words
    assert "flatters" not in words
    assert "2 that the network learned from are among" in trust_sentences(LEARNED | {"learned_from": [3, 4]})
    assert "1 that the network learned from is among" in trust_sentences(LEARNED | {"learned_from": [3]})


def test_a_page_says_why_nothing_is_known():
    text = page(Report("Model", trust={"reason": "in no frame is there anything <to be found>"}))
    assert "Nothing is known about how good masks are: in no frame is there anything &lt;to be found&gt;." in text
