"""One function a verb, for the command line and for Python alike.

A workflow takes paths and settings, returns a named result, reports its progress through a plain callable
`progress(done, total, words)`, and prints nothing. Each field of its settings may also be given by its own
name, as on the command line: `train(images, masks, minutes=3)` is `morula train IMAGES MASKS --minutes 3`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from morula.errors import OutputError, RequestError
from morula.files import ensure_writable, write_text
from morula.images.inspection import DataSettings, Files, Inspection, inspect
from morula.images.read import find_files
from morula.learning.settings import NetworkSettings, TrainSettings
from morula.objects.evaluation import ComparisonSettings, Evaluation, evaluate_files
from morula.progress import Progress, Tell, silent, unheard
from morula.settings import Settings, flag, with_fields

if TYPE_CHECKING:
    from morula.models.model import Model
    from morula.models.settings import FeatureSettings, SegmentSettings
    from morula.models.stream import Segmented
    from morula.objects.compare import Scores


def check(
    images: Files,
    masks: Files,
    settings: DataSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> Inspection:
    """Read all images and masks once, and say what they hold and what must be mended before training.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks.
        settings: how files are read, where they do not say it themselves.
        progress: called with files done, files in all, and words.
        fields: single values of `DataSettings`, over those of `settings`.

    Raises:
        RequestError: there are no images or no masks, or a setting does not fit them.
    """
    (settings,) = with_fields(fields, settings or DataSettings())
    return inspect(images, masks, settings, progress)


MOVIES = 6
"""Movies of gastruloids, unless another number is asked for."""

DRAWN_WITH = {"gastruloids": ("movies", "frames"), "shapes": ("axes", "channels")}
"""What can be drawn, and the settings that are of no use for anything else."""


class DrawingSettings(Settings):
    """What is drawn."""

    count: int | None = Field(default=None, gt=0)
    """Images in all, 60 where neither this nor --frames is given."""
    classes: int = Field(default=1, ge=1)
    """1 marks all bodies or shapes alike; of gastruloids, 2 marks shed cells also; of shapes, so many kinds."""
    size: int | None = Field(default=None, ge=32)
    """Each side of an image in pixels: 160 unless given, and 48 for volumes."""
    seed: int = Field(default=0, ge=0)
    """Everything follows from it: the same seed draws the same images."""
    movies: int | None = Field(default=None, gt=0)
    """Gastruloids: movies they are spread over, 6 unless given; each has a body, a well and a microscope of its own."""
    frames: int | None = Field(default=None, gt=0)
    """Gastruloids: frames of each movie, in place of --count."""
    axes: int | None = Field(default=None, ge=2, le=3)
    """Shapes: 2 draws pictures, as if it were not given, and 3 volumes."""
    channels: int | None = Field(default=None, ge=1)
    """Shapes: how many channels, 1 unless given; in several, each class shows in a combination of its own."""

    @model_validator(mode="after")
    def _one_way_to_count(self) -> DrawingSettings:
        if self.count and self.frames:
            raise ValueError("--count and --frames both say how many images to draw: give one of them.")
        return self

    @property
    def total(self) -> int:
        """Images in all."""
        return self.frames * (self.movies or MOVIES) if self.frames else self.count or 60


@dataclass(frozen=True)
class Drawn:
    """Where drawn images and their masks are, and how many."""

    images: Path
    masks: Path
    frames: int


def draw(
    kind: str,
    out: str | Path,
    settings: DrawingSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> Drawn:
    """Draw images with known outlines into `out/images` and `out/masks`.

    Args:
        kind: what to draw: "gastruloids" or "shapes".
        out: the new folder.
        settings: how many, how large.
        progress: called with images done, images in all, and words.
        fields: single values of `DrawingSettings`, over those of `settings`.

    Raises:
        RequestError: there is no such kind, or the settings do not fit it or each other.
        OutputError: there are images or masks in `out` already, or it cannot be written to.
    """
    from morula.images.drawings import save_drawings
    from morula.images.shapes import draw_shapes
    from morula.images.synthetic import draw_gastruloids

    (settings,) = with_fields(fields, settings or DrawingSettings())
    _refuse_settings_of_others(kind, settings)
    images, masks = Path(out) / "images", Path(out) / "masks"
    for folder in (images, masks):
        if folder.exists() and any(folder.iterdir()):
            raise OutputError(f"{folder} holds files already. Choose another folder for --out, or empty it.")
    asked = settings.model_dump(include={"classes", "size", "seed"}, exclude_none=True)
    if kind == "gastruloids":
        drawings = draw_gastruloids(settings.total, movies=settings.movies or MOVIES, **asked)
    else:
        drawings = draw_shapes(settings.total, axes=settings.axes or 2, channels=settings.channels or 1, **asked)
    save_drawings(drawings, Path(out), total=settings.total, progress=progress)
    return Drawn(images, masks, settings.total)


def _refuse_settings_of_others(kind: str, settings: DrawingSettings) -> None:
    """Refuse a kind that nobody knows, and settings that say nothing about the known one."""
    if kind not in DRAWN_WITH:
        raise RequestError(f"There is no way to draw {kind!r}. What can be drawn: {', '.join(DRAWN_WITH)}.")
    for other, names in DRAWN_WITH.items():
        for name in names:
            if other != kind and getattr(settings, name) is not None:
                raise RequestError(f"{flag(name)} is for {other}, and {kind} were asked for. Leave it out.")


def evaluate(
    predicted: Files,
    truth: Files,
    settings: ComparisonSettings | None = None,
    *,
    images: Files | None = None,
    json: str | Path | None = None,
    report: str | Path | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Evaluation:
    """Compare predicted masks with true ones of the same name, frame by frame.

    Args:
        predicted: masks of any form; those of Morula hold class numbers.
        truth: the true masks; each needs a prediction, and further predictions do not count.
        settings: how the masks are read, where that should not be recognised.
        images: what was segmented, to be shown beneath the outlines in the report.
        json: where to write all scores.
        report: where to write a page with scores and overlays.
        progress: called with masks done, masks in all, and words.
        fields: single values of `ComparisonSettings`, over those of `settings`.

    Raises:
        RequestError: there are no masks, or no prediction fits any true mask by name.
        DataError: the masks of one side cannot be understood, or not one pair can be compared.
        OutputError: `json` or `report` cannot be written.
    """
    (settings,) = with_fields(fields, settings or ComparisonSettings())
    evaluation = evaluate_files(find_files(predicted), find_files(truth), settings, progress)
    if json is not None:
        write_text(Path(json), dumps(evaluation.record(), indent=2, ensure_ascii=False) + "\n")
    if report is not None:
        from morula.reports.contents import evaluation_report
        from morula.reports.report import write_report

        write_report(Path(report), evaluation_report(evaluation, find_files(images) if images is not None else []))
    return evaluation


@dataclass(frozen=True)
class Training:
    """What came of a training.

    Attributes:
        path: the model file.
        model: the model.
        inspection: what was found in the data.
        scores: of the validation frames, at full resolution; None if no frame could be held out.
        log: JSON lines with every step and validation.
    """

    path: Path
    model: Model
    inspection: Inspection
    scores: Scores | None
    log: Path


def train(
    images: Files,
    masks: Files,
    out: str | Path = "model.safetensors",
    settings: TrainSettings | None = None,
    data: DataSettings | None = None,
    architecture: NetworkSettings | None = None,
    *,
    animation: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    tell: Tell = unheard,
    **fields: Any,
) -> Training:
    """Check the data, plan a network, train it, and save the best of it as one file.

    Beside the model lies its log, and until it is finished a checkpoint, from which `resume` goes on.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks.
        out: the model file to write.
        settings: the budget, and what should not be planned.
        data: how files are read, where they do not say it themselves.
        architecture: what should not be planned about the network.
        animation: where to show how the mask of a validation frame emerges, a .gif file.
        resume: go on with a training that was stopped; where there is none, begin one.
        overwrite: replace a model or checkpoint that exists.
        progress: called with what is done, what there is to do, and words.
        tell: called with sentences about the data and the plan.
        fields: single values of `TrainSettings`, `DataSettings` and `NetworkSettings`, over those given above.

    Raises:
        DataError: the check found errors; all are listed.
        OutputError: `out` exists or cannot be written.
        TrainingError: nothing could be learned; the message is a diagnosis.
    """
    from morula.learning.checkpoint import checkpoint_path
    from morula.learning.emergence import watched_piece
    from morula.learning.forgetting import forgetting, past_of
    from morula.learning.planning import make_plan
    from morula.learning.provenance import provenance
    from morula.learning.scoring import score_frames
    from morula.learning.store import prepared
    from morula.learning.train import Course, fit
    from morula.learning.transfer import transfer
    from morula.models.model import Model
    from morula.reports.animation import ensure_animation, write_animation

    settings, data, architecture = with_fields(
        fields, settings or TrainSettings(), data or DataSettings(), architecture or NetworkSettings()
    )
    out = Path(out)
    checkpoint, log = checkpoint_path(out), out.with_name(out.name + ".log.jsonl")
    _refuse_to_replace(out, checkpoint, resume=resume, overwrite=overwrite)
    if animation is not None:
        ensure_animation(Path(animation))
    earlier = Model.load(settings.init, settings.precision) if settings.init else None
    past = past_of(earlier)
    inspection = inspect(images, masks, data, progress, share=settings.share, seed=settings.seed, past=past)
    inspection.raise_on_errors()
    reading = inspection.reading
    assert reading is not None  # or there would have been an error
    divided = inspection.split
    plan = make_plan(divided.training, reading, settings, architecture, earlier.plan if earlier else None)
    kept = transfer(earlier, plan)
    warnings = (str(finding) for finding in inspection.warnings)
    for sentence in (*warnings, divided.sentence, *plan.reasons, *kept.sentences):
        tell(sentence)
    if not resume or not checkpoint.exists():
        checkpoint.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
    ready = prepared(divided, data, reading, plan, keep=settings.store, beside=out, progress=progress, tell=tell)
    with ready as (training, validation):
        watched = watched_piece(validation or training, plan) if animation is not None else None
        trained = fit(Course(plan, settings, training, validation, checkpoint, log, progress, kept.weights, watched))
    if animation is not None and watched is not None:
        write_animation(Path(animation), watched, trained.glimpses, plan)
    model = Model(trained.network, plan, precision=settings.precision)
    scores = score_frames(model, divided.validation, reading, plan.classes, progress)
    history = None
    if earlier:
        forgotten = forgetting(earlier, model, data, progress)
        tell(forgotten.sentence)
        history = {"model": earlier.fingerprint, "kept": list(kept.sentences), **asdict(forgotten)}
    record = provenance(inspection, data, settings, architecture, trained, scores, history)
    model = replace(model, record=record)
    model.save(out)
    checkpoint.unlink(missing_ok=True)
    return Training(out, model, inspection, scores, log)


def _refuse_to_replace(out: Path, checkpoint: Path, *, resume: bool, overwrite: bool) -> None:
    """Refuse to write over a model or an unfinished training that nobody gave up."""
    ensure_writable(out)
    if out.exists() and not overwrite and not (resume and checkpoint.exists()):
        raise OutputError(f"{out} exists already. Choose another --out, or replace it with --overwrite.")
    if checkpoint.exists() and not overwrite and not resume:
        raise OutputError(f"{checkpoint} is an unfinished training. Go on with it with --resume, or start again "
                          "with --overwrite.")


def segment(
    model: str | Path | Model,
    images: Files,
    out: str | Path,
    settings: SegmentSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> Segmented:
    """Write a mask for every image into a folder, with `frames.csv` beside them.

    Args:
        model: a model, or its file.
        images: a folder, a file (a stack is many frames), a glob, or a list of these.
        out: the folder for the masks.
        settings: how images are read, and whether masks may be written over.
        progress: called with files done, files in all, and words.
        fields: single values of `SegmentSettings`, over those of `settings`.

    Raises:
        ModelError: the model file cannot be used.
        RequestError: there are no images, or their masks would get into each other's way.
        OutputError: the folder cannot be written to, or holds masks of another model.
    """
    from morula.models.model import Model
    from morula.models.settings import SegmentSettings
    from morula.models.stream import segment_files

    (settings,) = with_fields(fields, settings or SegmentSettings())
    files = find_files(images)
    model = model if isinstance(model, Model) else Model.load(model)
    if settings.main_object is not None:
        model = replace(model, plan=model.plan.model_copy(update={"main_object": settings.main_object}))
    return segment_files(replace(model, flips=settings.flips), files, Path(out), settings, progress)


def report(
    model: str | Path | Model,
    out: str | Path,
    *,
    images: Files | None = None,
    masks: Files | None = None,
    predicted: Files | None = None,
    progress: Progress = silent,
) -> Evaluation | None:
    """Write one HTML page about a model: data, plan, learning, and its scores where there is a truth.

    Args:
        model: a model, or its file.
        out: the page to write.
        images: what was segmented.
        masks: the true masks of these images.
        predicted: the model's masks of them.
        progress: called with masks done, masks in all, and words.

    Returns:
        The evaluation of `predicted` against `masks`, if both are given.

    Raises:
        RequestError: only one of `masks` and `predicted` is given.
    """
    from morula.models.model import Model
    from morula.reports.contents import model_report
    from morula.reports.report import write_report

    path = Path("model") if isinstance(model, Model) else Path(model)
    model = model if isinstance(model, Model) else Model.load(model)
    if (masks is None) != (predicted is None):
        raise RequestError("A report with scores needs both --masks, the truth, and --predicted, the model's masks.")
    evaluation = None
    if masks is not None and predicted is not None:
        settings = ComparisonSettings(read_predicted_as="classes")
        evaluation = evaluate_files(find_files(predicted), find_files(masks), settings, progress)
    write_report(Path(out), model_report(model, path, evaluation, find_files(images) if images else ()))
    return evaluation


def info(
    model: str | Path,
    settings: FeatureSettings | None = None,
    *,
    plot: str | Path | None = None,
    features: str | Path | None = None,
    image: str | Path | None = None,
    **fields: Any,
) -> tuple[tuple[str, str], ...]:
    """What is in a model file, where it came from and how good it was, as rows of label and value.

    Args:
        model: the model file.
        settings: how `image` is read, and which layers are shown.
        plot: where to draw the network, an .svg, .png or .pdf file.
        features: where to draw what layers see in `image`, likewise.
        image: the file of an image to look at.
        fields: single values of `FeatureSettings`, over those of `settings`.

    Raises:
        ModelError: the model file cannot be used, or its self-test fails; or the image does not fit it.
        RequestError: only one of `features` and `image` is given; a layer is unknown; a name says no kind of picture.
    """
    from morula.models.model import Model
    from morula.models.settings import FeatureSettings
    from morula.models.stream import open_for
    from morula.reports.contents import describe_model
    from morula.reports.feature_sheet import draw_features
    from morula.reports.network_plot import draw_network

    (settings,) = with_fields(fields, settings or FeatureSettings())
    if (features is None) != (image is None):
        raise RequestError("What layers see is drawn with both --features, the picture to write, and --image, the "
                           "image to look at.")
    known = Model.load(model)
    if plot is not None:
        draw_network(known.plan.architecture, known.plan.patch, Path(plot))
    if features is not None and image is not None:
        draw_features(known, open_for(known.plan, Path(image), settings), Path(features), settings.layers or ())
    return (*describe_model(known), ("self-test", "passed: it computes what it did when it was saved"))


@dataclass(frozen=True)
class Demo:
    """Where the parts of the demo are, and how good its masks were."""

    folder: Path
    model: Path
    report: Path
    scores: Scores
    training_seconds: float


def demo(out: str | Path, *, minutes: float = 0.75, progress: Progress = silent) -> Demo:
    """The whole story on drawn gastruloids: draw, train, segment other movies, evaluate, report.

    300 frames of 30 movies train; 90 frames of 9 other movies are segmented and scored.

    Raises:
        OutputError: `out` exists already.
    """
    folder = Path(out)
    if folder.exists() and any(folder.iterdir()):
        raise OutputError(f"{folder} holds files already. Choose another folder with --out, or delete it.")
    known = draw("gastruloids", folder / "training", DrawingSettings(count=300, movies=30, seed=1), progress=progress)
    new = draw("gastruloids", folder / "new", DrawingSettings(count=90, movies=9, seed=2), progress=progress)
    model, predicted, page = folder / "gastruloid.safetensors", folder / "predicted", folder / "report.html"
    training = train(known.images, known.masks, model, TrainSettings(minutes=minutes), progress=progress)
    segment(training.model, new.images, predicted, progress=progress)
    evaluation = report(model, page, images=new.images, masks=new.masks, predicted=predicted, progress=progress)
    assert evaluation is not None  # since masks were given
    return Demo(folder, model, page, evaluation.scores, training.model.record["seconds"])
