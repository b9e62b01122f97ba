"""The whole story on drawn gastruloids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from morula.files import ensure_new_folder
from morula.planning.training_settings import TrainSettings
from morula.progress import Progress, silent
from morula.workflows.drawing import DrawingSettings, draw
from morula.workflows.reporting import report
from morula.workflows.segmenting import segment
from morula.workflows.training import train

if TYPE_CHECKING:
    from morula.scores.compare import Scores


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
        OutputError: `out` is a file, or holds some.
    """
    folder = Path(out)
    ensure_new_folder(folder)
    known = draw("gastruloids", folder / "training", DrawingSettings(count=300, movies=30, seed=1), progress=progress)
    new = draw("gastruloids", folder / "new", DrawingSettings(count=90, movies=9, seed=2), progress=progress)
    model, predicted, page = folder / "gastruloid.safetensors", folder / "predicted", folder / "report.html"
    training = train(known.images, known.masks, model, TrainSettings(minutes=minutes), progress=progress)
    segment(training.model, new.images, predicted, progress=progress)
    evaluation = report(model, page, images=new.images, masks=new.masks, predicted=predicted, progress=progress)
    assert evaluation is not None  # since masks were given
    return Demo(folder, model, page, evaluation.scores, training.model.record["seconds"])
