"""The whole story on drawn gastruloids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from morula.cards import Card, Shown
from morula.files import ensure_new_folder
from morula.planning.training_settings import TrainSettings
from morula.progress import Progress, Tell, duration, silent, unheard
from morula.workflows.drawing import DrawingSettings, draw
from morula.workflows.reporting import report
from morula.workflows.segmenting import segment
from morula.workflows.training import train

if TYPE_CHECKING:
    from morula.scores.compare import Scores


PUBLISHED = 0.9855
"""The share of the pixels that the published network had right, after 3.6 minutes on a GPU."""
EXPECTED = ((1000, 0.995), (350, 0.994), (150, 0.993), (50, 0.988), (0, 0.98))
"""The share of the pixels that are right after at least so many steps: measured with several seeds, rounded down."""


@dataclass(frozen=True, repr=False)
class Demo(Shown):
    """Where the parts of the demo are, and how good its masks were."""

    folder: Path
    model: Path
    report: Path
    scores: Scores
    training_seconds: float

    @property
    def card(self) -> Card:
        return Card("Demo", [("model", str(self.model)), ("report", str(self.report)),
                             ("learned for", duration(self.training_seconds))], self.verdict)

    @property
    def verdict(self) -> str:
        """Whether what was published was reached."""
        found = self.scores.pixel_accuracy or 0.0
        return (f"{found:.2%} of the pixels are right. The published network, after 3.6 minutes on a GPU, had "
                f"{PUBLISHED:.2%} on frames like these: that was {'' if found >= PUBLISHED else 'not '}reached.")


def demo(
    out: str | Path, *, minutes: float = 0.75, progress: Progress = silent, tell: Tell = unheard
) -> Demo:
    """The whole story on drawn gastruloids: draw, train, segment other movies, evaluate, report.

    300 frames of 30 movies train; 90 frames of 9 other movies are segmented and scored.

    Args:
        out: the new folder for everything.
        minutes: for the training, from reading to saving.
        progress: called with what is done, what there is to do, and words.
        tell: told what to expect on this machine, as soon as its speed is known.

    Raises:
        OutputError: `out` is a file, or holds some.
    """
    folder = Path(out)
    ensure_new_folder(folder)
    known = draw("gastruloids", folder / "training", DrawingSettings(count=300, movies=30, seed=1), progress=progress)
    new = draw("gastruloids", folder / "new", DrawingSettings(count=90, movies=9, seed=2), progress=progress)
    model, predicted, page = folder / "gastruloid.safetensors", folder / "predicted", folder / "report.html"
    training = train(known.images, known.masks, model, TrainSettings(minutes=minutes),
                     progress=_with_outlook(progress, tell))
    segment(training.model, new.images, predicted, progress=progress)
    evaluation = report(model, page, images=new.images, masks=new.masks, predicted=predicted, progress=progress)
    assert evaluation is not None  # since masks were given
    return Demo(folder, model, page, evaluation.scores, training.model.record["seconds"])


def _with_outlook(progress: Progress, tell: Tell) -> Progress:
    """The same progress, which says what to expect once it is known how many steps there will be."""
    told = False

    def show(done: float, total: int, words: str) -> None:
        nonlocal told
        if words.startswith("loss") and total and not told:
            told = True
            share = next(share for steps, share in EXPECTED if total >= steps)
            tell(f"This machine makes some {total} steps in that time, after which about {share:.1%} of the pixels are "
                 "right.")
        progress(done, total, words)

    return show
