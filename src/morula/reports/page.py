"""One self-contained page about a training, an evaluation, or both: nothing in it is fetched or run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from morula.files import write_text
from morula.plots import palette
from morula.progress import duration
from morula.reports import training_charts
from morula.reports.document import document, legend
from morula.reports.terms import TERMS, Terms
from morula.reports.trust_charts import trust_chart, trust_sentences
from morula.scores.compare import Agreement, ImageScores, Scores
from morula.scores.estimate import Estimate
from morula.scores.learning_curve import LearningCurve
from morula.scores.matching import THRESHOLDS, ObjectScores
from morula.scores.track_scores import TrackScores

LONG_TABLE = 20
"""Tables of more rows than this are folded."""


@dataclass(frozen=True)
class GalleryItem:
    """One image of the gallery.

    Attributes:
        name: of the image.
        overlay_png: from `overlay.overlay`.
        iou: the image's foreground IoU.
        place: of a volume, where its planes lie, in words.
        channels: the colour of each channel shown, by its name; empty where colours need no explanation.
        mistaken: which class was most often taken for which, in words; empty where none was.
    """

    name: str
    overlay_png: bytes
    iou: float | None
    place: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    mistaken: str = ""


@dataclass(frozen=True)
class Report:
    """What a page shows; a part that is empty or None is left out.

    Attributes:
        title: what the page is about.
        subtitle: when, where from.
        axes: the number of spatial axes of the images.
        data: what was found in the data, as rows of label and value.
        findings: what to look at in the data, as severity ("error", "warning", "note") and sentence.
        plan: what was decided before the training, in sentences.
        plan_numbers: the same as numbers, by name.
        estimate: what masks of new groups are worth.
        curve: how scores follow the number of groups.
        history: the training log, one record a line, with `step`, `loss`, `validation_iou` and `seconds`.
        judged: which frames were scored while it learned, "validation" or "training".
        scores: how well predicted masks agree with the true ones.
        novelty: how many of the scored images the model learned from, and what that means.
        of_new: the scores of those that are new to it, where others are none.
        objects: how many objects were found.
        tracks: how well objects were followed.
        trust: what the model has learned about its own masks, see `Judgement`.
        gallery: overlays in any order.
        measures: charts of measures, as titles and SVG.
        timings: seconds, by what they were spent on.
        versions: of the software, by its name.
        methods: the paragraph for a paper, from `methods_paragraph`.
        annotators: both sides are people, and neither is the truth.
    """

    title: str
    subtitle: str = ""
    axes: int = 2
    data: Sequence[tuple[str, str]] = ()
    findings: Sequence[tuple[str, str]] = ()
    plan: Sequence[str] | None = None
    plan_numbers: Mapping[str, Any] = field(default_factory=dict)
    estimate: Estimate | None = None
    curve: LearningCurve | None = None
    history: Sequence[Mapping[str, Any]] | None = None
    judged: str = "validation"
    scores: Scores | None = None
    novelty: str = ""
    of_new: Scores | None = None
    objects: ObjectScores | None = None
    tracks: TrackScores | None = None
    trust: Mapping[str, Any] | None = None
    gallery: Sequence[GalleryItem] = ()
    measures: Sequence[tuple[str, str]] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    methods: str = ""
    annotators: bool = False


def write_report(path: Path, report: Report) -> None:
    """Write the page to `path` as HTML, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    write_text(path, page(report))


def page(report: Report) -> str:
    """The page as HTML. Every text of the report is escaped: names of files come from strangers."""
    sections = [
        ("Scores", _scores(report.scores, TERMS[report.axes], report.annotators) if report.scores else ""),
        ("Objects", _objects(report.objects) if report.objects else ""),
        ("Tracks", _facts(report.tracks.rows) if report.tracks else ""),
        ("Gallery, from worst to best", _gallery(report)),
        ("Groups that were left out", _estimate(report.estimate) if report.estimate else ""),
        ("More annotation", _curve(report.curve) if report.curve else ""),
        ("Measures", "\n".join(f"<h3>{escape(title)}</h3>\n{_plot(svg)}" for title, svg in report.measures)),
        ("Data", _facts(report.data) + _findings(report.findings)),
        ("Plan", _plan(report.plan or (), report.plan_numbers)),
        ("Training", _plot(training_charts.learning_curve(report.history, report.judged)) if report.history else ""),
        ("Trust", _trust(report.trust) if report.trust else ""),
        ("Methods", f"<blockquote>{escape(report.methods)}</blockquote>" if report.methods else ""),
        ("Times", _facts((name, duration(seconds)) for name, seconds in report.timings.items())),
        ("Software", _facts(report.versions.items())),
    ]
    body = "\n".join(f"<section>\n<h2>{title}</h2>\n{content}\n</section>"
                     for title, content in sections if content)
    return document(report.title, report.subtitle, "\n".join(filter(None, (_novelty(report), _headline(report), body))))


def choose_for_gallery(scores: Scores, count: int = 12) -> list[ImageScores]:
    """Images worth looking at, worst first: the worst half of `count`, then evenly on to the best."""
    images = list(scores.worst_first)
    if len(images) <= count:
        return images
    worst, rest = images[: count // 2], images[count // 2 :]
    picks = count - len(worst)
    return worst + [rest[(number + 1) * len(rest) // picks - 1] for number in range(picks)]


def _novelty(report: Report) -> str:
    return _findings([("warning", report.novelty)]) if report.novelty else ""


def _headline(report: Report) -> str:
    numbers: list[tuple[str, str, str]] = []
    terms = TERMS[report.axes]
    if report.scores:
        scores = report.scores
        distance = _foreground_mean(scores, "boundary_mean")
        numbers += [
            (f"foreground IoU{', learned from' if report.novelty else ''}", _number(scores.foreground_iou), ""),
            ("mean IoU", _number(scores.mean_iou), ""),
            (f"{terms.pixel} accuracy", _number(scores.pixel_accuracy, 4), ""),
            (f"{terms.image}s scored", f"{len(scores.images):,}", ""),
        ]
        if distance is not None:
            numbers.insert(3, (f"between {terms.outline}s", _number(distance, 2), scores.unit))
        if report.objects:
            numbers.insert(1, ("F1 of objects", _number(report.objects.f1()), ""))
        if report.of_new:
            numbers.insert(0, (f"foreground IoU, new {terms.image}s", _number(report.of_new.foreground_iou), ""))
        elif report.novelty and report.estimate and (iou := report.estimate.foreground("iou")):
            numbers.insert(0, ("foreground IoU of what was left out", _number(iou.mean), ""))
    elif report.estimate and (iou := report.estimate.foreground("iou")):
        sure = "{:.3f} to {:.3f}".format(*iou.ends) if iou.ends else ""
        numbers.append(("foreground IoU of what was left out", _number(iou.mean), sure))
    elif report.history:
        best = max(row.get("validation_iou") or 0 for row in report.history)
        steps = f"{report.history[-1]['step']:,}"
        numbers += [(f"best {report.judged} IoU", _number(best), ""), ("steps", steps, "")]
    cells = "".join(f"<div><dt>{label}</dt><dd>{value} <small>{unit}</small></dd></div>"
                    for label, value, unit in numbers)
    return f'<dl class="headline">{cells}</dl>' if cells else ""


def _scores(scores: Scores, terms: Terms, annotators: bool) -> str:
    count = len(scores.images)
    folded = "" if count > LONG_TABLE else " open"
    every = f"All {count:,} {terms.image}s, worst first" if count > 1 else f"The {terms.image}"
    return "\n".join([
        f'<p class="aside">Each {terms.image} counts alike in the scores of a class; one that has no {terms.pixel} of '
        f"it, in truth or prediction, does not count. Mean IoU counts the background as a class. "
        f"{terms.pixel.capitalize()} accuracy pools the {terms.pixel}s of all {terms.image}s.</p>",
        _class_table(scores, terms),
        f"<h3>{terms.image.capitalize()} by {terms.image}</h3>",
        _plot(training_charts.score_strips(scores)),
        f"<details{folded}><summary>{every}</summary>",
        _image_table(scores, terms),
        "</details>",
        *(() if annotators else (f"<h3>Where the {terms.pixel}s of each true class went</h3>",
                                 _plot(training_charts.confusion_matrix(scores)))),
    ])


def _class_table(scores: Scores, terms: Terms) -> str:
    pixels = scores.confusion.sum(axis=1)
    shares = 100 * pixels / max(pixels.sum(), 1)
    rows = (
        [name, _number(score.iou), _number(score.dice), _distance(score.boundary_mean, scores.unit),
         _distance(score.boundary_95, scores.unit), f"{score.images:,}", f"{share:.2f} %"]
        for name, score, share in zip(scores.names, scores.classes, shares, strict=True)
    )
    titles = ["class", "IoU", "Dice", *_distances(terms), f"{terms.image}s", f"share of true {terms.pixel}s"]
    return _table(titles, rows)


def _image_table(scores: Scores, terms: Terms) -> str:
    overlaps = (f"IoU {name}" for name in scores.names[1:])
    titles = [terms.image, *overlaps, f"{terms.pixel} accuracy", *_distances(terms)]
    rows = (
        [image.name, *(_number(score.iou) for score in image.classes[1:]), _number(image.pixel_accuracy, 4),
         _distance(_foreground_mean(image, "boundary_mean"), image.unit),
         _distance(_foreground_mean(image, "boundary_95"), image.unit)]
        for image in scores.worst_first
    )
    return _table(titles, rows)


def _estimate(estimate: Estimate) -> str:
    return _plot(training_charts.group_strip(estimate)) + _facts(estimate.rows)


def _curve(curve: LearningCurve) -> str:
    return _plot(training_charts.annotation_curve(curve)) + _facts(curve.rows)


def _objects(scores: ObjectScores) -> str:
    rows = (
        [f"{threshold:.2f}", f"{scores.matched(threshold):,}", *(_number(rate(threshold)) for rate in (
            scores.precision, scores.recall, scores.f1, scores.average_precision))]
        for threshold in THRESHOLDS
    )
    return _facts([
        ("true", f"{scores.true:,}"),
        ("predicted", f"{scores.predicted:,}"),
        ("panoptic quality", _number(scores.panoptic_quality)),
        ("average precision, the mean over IoU 0.5 to 0.95", _number(scores.mean_average_precision)),
    ]) + _plot(training_charts.matching_curves(scores)) + _table(
        ["IoU above", "matched", "precision", "recall", "F1", "average precision"], rows)


def _distances(terms: Terms) -> tuple[str, str]:
    return f"between {terms.outline}s", "95 % Hausdorff distance"


def _foreground_mean(scores: Agreement, which: str) -> float | None:
    values = [value for score in scores.classes[1:] if (value := getattr(score, which)) is not None]
    return sum(values) / len(values) if values else None


def _gallery(report: Report) -> str:
    items = sorted(report.gallery, key=lambda item: (1.0 if item.iou is None else item.iou, item.name))
    if not items:
        return ""
    single = report.scores is not None and len(report.scores.classes) == 2
    words = palette.OF_ANNOTATORS if report.annotators else {}
    outlined = {words.get(label, label): colour for label, colour in palette.OVERLAY.items()
                if not (single and colour == palette.OTHER_CLASS)}
    channels = {name: colour for item in items for name, colour in item.channels.items()}
    planes = ('<p class="aside">Of each volume, three planes are shown: xy, beneath it xz, beside it yz. Ticks at '
              "their borders say where they cut each other.</p>" if any(item.place for item in items) else "")
    figures = "\n".join(
        f'<figure><img src="data:image/png;base64,{b64encode(item.overlay_png).decode()}" '
        f'alt="{escape(item.name)}, both outlines">'
        f"<figcaption><span>{escape(item.name)}{_aside(item.place)}{_aside(item.mistaken)}</span>"
        f"<span>{_number(item.iou)}</span></figcaption></figure>"
        for item in items
    )
    kind = "gallery deep" if planes else "gallery"
    return "\n".join([planes, legend(outlined), legend(channels), f'<div class="{kind}">\n{figures}\n</div>'])


def _aside(words: str) -> str:
    return f"<br><small>{escape(words)}</small>" if words else ""


def _findings(findings: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<li class="{escape(severity)}"><b>{escape(severity.capitalize())}</b> {escape(sentence)}</li>'
        for severity, sentence in findings
    )
    return f'\n<ul class="findings">{items}</ul>' if items else ""


def _plan(sentences: Sequence[str], numbers: Mapping[str, Any]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    words = f"<ul>{items}</ul>" if items else ""
    if not numbers:
        return words
    table = _facts((name.replace("_", " "), str(value)) for name, value in numbers.items())
    return f"{words}\n<details><summary>As numbers</summary>\n{table}\n</details>"


def _trust(learned: Mapping[str, Any]) -> str:
    if "reason" in learned:
        return f"<p>Nothing is known about how good masks are: {escape(learned['reason'])}.</p>"
    return f"<p>{escape(trust_sentences(learned))}</p>\n{_plot(trust_chart(learned))}"


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"<tr><td>{escape(label)}</td><td>{escape(value)}</td></tr>" for label, value in rows]
    return f'<table class="facts">{"".join(lines)}</table>' if lines else ""


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    lines = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>{lines}</tbody></table></div>'


def _plot(svg: str) -> str:
    for name, (light, _) in palette.THEME.items():
        svg = svg.replace(light, f"var(--{name})")
    return f'<div class="plot">{svg}</div>'


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _distance(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.2f} {unit}"
