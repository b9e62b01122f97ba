"""What each kind of job does: a call of a workflow on the project's files, and the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from os import sep
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from morula.checks.findings import Finding, join_findings, without_options
from morula.checks.inspection import Inspection
from morula.checks.mask_problems import UNTOUCHED
from morula.errors import DataError, RequestError
from morula.images.read import find_files, open_image
from morula.jobs.job_queue import Job, Kind
from morula.jobs.on_screen import Watching
from morula.models.builtin import built_in
from morula.names.endings import called, plain_stem
from morula.names.told import names_of
from morula.plurals import many
from morula.projects.frame_states import Notes
from morula.projects.models_made import latest_model, next_model, outlook_of, score_of
from morula.projects.project import Project, Source
from morula.projects.reviewed_masks import gather_reviewed

if TYPE_CHECKING:
    from morula.workflows.training import Training

MEASURED, OUTLINES, REPORT = "measurements.csv", "rois", "report.html"
SUGGESTED = 8
"""Frames that are suggested at once."""


class Desk(Protocol):
    """Where work says how far it is."""

    job: Job

    def progress(self, done: float, total: int, words: str) -> None: ...

    def tell(self, sentence: str) -> None: ...

    def expect(self, seconds: float) -> None: ...

    def show(self, image: np.ndarray, mask: np.ndarray, name: str, frame: int, step: int) -> None: ...


def train(project: Project, asked: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Teach a new model all that was drawn."""
    from morula.workflows import train

    drawn = _drawn(project)
    resume = bool(asked.get("resume")) and "model" in desk.job.result
    out = project.models / desk.job.result["model"] if resume else next_model(project)
    desk.job = replace(desk.job, result={"model": out.name})
    minutes = float(asked.get("minutes") or project.settings.minutes)
    desk.expect(60 * minutes)
    settings = {"minutes": minutes, "objects": project.settings.objects}
    data = {**_reading(project), **_told_names(project)}
    _say_command(project, desk, "train", [project.images, project.masks], {"out": out, **settings, **data})
    try:
        training = train(*_files(project), out, watch=Watching(project, desk), resume=resume, progress=desk.progress,
                         tell=desk.tell, **settings, **data)
    except DataError as error:
        raise DataError([without_options(problem) for problem in error.problems]) from error
    return {"model": out.name, "times": training.times, "validation_iou": score_of(training.model.record),
            "images": drawn, "outlook": outlook_of(training.model.record),
            "second_look": second_look_of(project, training)}


def segment(project: Project, asked: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Let the latest model, or the one that was asked for, draw masks of all images."""
    from morula.workflows import segment

    model = _model_for(project, str(asked.get("model") or ""))
    images = [source.path for source in project.sources()]
    cleaning = project.settings.cleaning.model_dump(exclude_defaults=True)
    settings: dict[str, Any] = {"overwrite": True, "doubt": True, **cleaning}
    if project.settings.pixel_size:
        settings["pixel_size"] = project.settings.pixel_size
    _say_command(project, desk, "segment", [model, project.images], {"out": project.predicted, **settings})
    made = segment(model, images, project.predicted, progress=desk.progress, **settings)
    for note in made.notes:
        desk.tell(note)
    return {"model": Path(model).name, "frames": len(made.frames),
            "failed": {called(path): words for path, words in made.failed.items()}}


def measure(project: Project, asked: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Measure every mask: the reviewed ones as a person left them."""
    from morula.workflows import measure

    masks = gather_reviewed(project, desk.tell)
    out = project.results / MEASURED
    settings = _reading(project)
    files: dict[str, Path] = {"images": project.images}
    if all(len(open_image(mask).space) == 2 for mask in find_files(masks)):
        files["rois"] = project.results / OUTLINES
    _say_command(project, desk, "measure", [masks], {"out": out, **files, **settings})
    measured = measure(masks, out, progress=desk.progress, **files, **settings)
    return {"file": str(out.relative_to(project.folder)), "objects": measured.objects}


def check(project: Project, asked: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Look at all that was drawn for the mistakes that ruin results."""
    from morula.workflows import check

    _drawn(project)
    data = {**_reading(project), **_told_names(project)}
    _say_command(project, desk, "check", [project.images, project.masks], data)
    inspection = check(*_files(project), progress=desk.progress, **data)
    sources = {plain_stem(source.path): source for source in project.sources()}
    found = [(each, sources.get(plain_stem(Path(each.file)))) for each in (
        *join_findings(each for each in inspection.all_findings if not _lies_ahead(project, sources, each)),
        *_of_pixel_size(project, inspection))]
    return {"findings": [_told(project, finding, source) for finding, source in found]}


def suggest(project: Project, asked: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Choose the frames that are most worth annotating next, among those on which nobody drew."""
    from morula.models.model import Model
    from morula.workflows import suggest

    path = latest_model(project)
    if path is None:
        raise RequestError("There is no model yet. Annotate some frames, and train one first.")
    sources = {source.path: source for source in project.sources()}
    notes = {file: Notes.of(project, source) for file, source in sources.items()}
    drawn = {(file, frame) for file, noted in notes.items() for frame in noted.touched | noted.finished}
    settings: dict[str, Any] = {"pixel_size": project.settings.pixel_size} if project.settings.pixel_size else {}
    _say_command(project, desk, "suggest", [path, project.images], {"count": SUGGESTED, **settings})
    model = Model.load(path)
    chosen = suggest(model, list(sources), count=SUGGESTED + len(drawn), progress=desk.progress, **settings)
    new = [each for each in chosen.frames if (each.path, each.frame) not in drawn][:SUGGESTED]
    return {"frames": [{"id": sources[each.path].id, "t": each.frame, "reason": each.reason} for each in new],
            "of": chosen.of, "model": path.name, "outlook": outlook_of(model.record)}


def report(project: Project, asked: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Write the page about the latest model."""
    from morula.workflows import report

    model = latest_model(project)
    if model is None:
        raise RequestError("There is no model yet. Annotate some frames, and train one first.")
    out = project.results / REPORT
    _say_command(project, desk, "report", [model], {"out": out})
    report(model, out, progress=desk.progress)
    return {"file": str(out.relative_to(project.folder))}


TASKS: Mapping[Kind, Callable[[Project, Mapping[str, Any], Desk], dict[str, Any]]] = {
    "train": train, "segment": segment, "measure": measure, "check": check, "suggest": suggest,
    "report": report,
}


def second_look_of(project: Project, training: Training) -> dict[str, Any] | None:
    """The annotations that are probably wrong, each with what is wrong in words; None where there was no time to look.
    """
    second = training.second_look
    if second is None:
        return None
    sources = {source.path: source for source in project.sources()}
    listed = [{"id": sources[path].id, "t": frame.index, "reason": verdict.words}
              for frame, verdict in zip(second.frames, second.verdicts, strict=True)
              if (path := frame.pair.image.path) in sources]
    return {"words": second.result, "frames": listed}


def _model_for(project: Project, asked: str) -> Path | str:
    """A model of the project, the latest unless another was asked for, or the name of one that comes with Morula.

    Raises:
        RequestError: there is none.
    """
    if asked in built_in():
        return asked
    model = project.models / asked if asked else latest_model(project)
    if model is None or model.parent != project.models or not model.is_file():
        raise RequestError("There is no model yet. Annotate some frames, and train one first.")
    return model


def _files(project: Project) -> tuple[list[Path], list[Path]]:
    """The images and the masks, as the commands find them in their folders."""
    sources = project.sources()
    return [source.path for source in sources], [mask for mask in map(project.mask, sources) if mask.is_file()]


def _drawn(project: Project) -> int:
    """How many images something was drawn on.

    Raises:
        RequestError: there is none.
    """
    drawn = sum(project.mask(source).is_file() for source in project.sources())
    if not drawn:
        raise RequestError("Nothing is annotated yet. Draw around what you study on two images or more.")
    return drawn


def _reading(project: Project) -> dict[str, Any]:
    """How the project's masks are read: no guesses, since it wrote them itself."""
    data: dict[str, Any] = {"read_masks_as": project.settings.read_masks_as,
                            "not_annotated": project.settings.not_annotated}
    if names := _names(project):
        data["class_names"] = names
    if project.settings.pixel_size:
        data["pixel_size"] = project.settings.pixel_size
    return data


def _told_names(project: Project) -> dict[str, Any]:
    """What the names of images say, where somebody told it.

    Raises:
        RequestError: they are made otherwise.
    """
    told = project.settings.names
    if not told:
        return {}
    try:
        names_of([source.path for source in project.sources()], told)
    except RequestError as error:
        raise RequestError(f"{str(error).removeprefix('--names ')} Or change what names say, in the settings of the "
                           "project.") from error
    return {"names": told}


def _lies_ahead(project: Project, sources: Mapping[str, Source], finding: Finding) -> bool:
    """Whether it is about a frame of a movie that nobody has begun with: that is no mistake here."""
    source = sources.get(plain_stem(Path(finding.file)))
    return (source is not None and finding.problem == UNTOUCHED and finding.frame is not None
            and Notes.of(project, source).state(finding.frame) == "no")


def _of_pixel_size(project: Project, inspection: Inspection) -> Iterator[Finding]:
    """Images that do not say how large a pixel is, where nobody else does."""
    images = {frame.pair.image.name: frame.pair.image for frame in inspection.frames}
    unknown = [name for name, image in images.items() if image.pixel_size is None]
    if not unknown or project.settings.pixel_size:
        return
    if len(unknown) == len(images):
        problem = "no image says how large a pixel is, so that sizes are measured in pixels"
        yield Finding("note", "", problem, remedy="pixel size")
    else:
        count = f"{len(unknown)} of {many(len(images), 'image')}"
        problem = (f"{count}, such as {unknown[0]}, do not say how large a pixel is, so that they are measured in "
                   "pixels, and the others in µm")
        yield Finding("warning", "", problem, remedy="pixel size")


def _told(project: Project, finding: Finding, source: Source | None) -> dict[str, Any]:
    """A finding as the page says it: by the name of the image, and without options of the command line."""
    where = source.name if source else finding.file
    if source and finding.frame is not None and project.image(source).frames > 1:
        where += f", frame {finding.frame + 1}"
    problem = finding.problem.replace(f"{project.images}{sep}", "").replace(f"{project.masks}{sep}", "")
    said = Finding(finding.severity, where, problem, finding.advice_without_options)
    return {"severity": finding.severity, "words": str(said), "image": source.id if source else None,
            "frame": finding.frame or 0, "remedy": finding.remedy, "suggestion": finding.suggestion}


def _names(project: Project) -> tuple[str, ...] | None:
    """The names of classes, if somebody named them and all were drawn."""
    names = tuple(each.name for each in project.settings.classes)
    return names if len(names) > 1 or names != ("foreground",) else None


def _say_command(
    project: Project, desk: Desk, verb: str, arguments: Iterable[Any], options: Mapping[str, Any]
) -> None:
    desk.job = replace(desk.job, command=command_line(project, verb, arguments, options))


def command_line(project: Project, verb: str, arguments: Iterable[Any], options: Mapping[str, Any]) -> str:
    """What does the same on the command line, in the project's folder."""
    words = ["morula", verb, *(_shown(project, each) for each in arguments)]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            words.append(flag)
        elif value not in (None, False):
            words += [flag, _shown(project, value)]
    return shlex.join(words)


def _shown(project: Project, value: Any) -> str:
    if isinstance(value, Path):
        return str(value.relative_to(project.folder)) if value.is_relative_to(project.folder) else str(value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
