"""The command line: one command a workflow, and no work of its own.

A command takes paths as arguments and the workflow's settings as flags (see `flags`), shows the progress and
the result (see `console`), and turns the outcome into an exit status:

    0    done
    1    done, but some inputs failed, each named
    2    the request itself was wrong; nothing was written
    70   a fault in Morula
    130  stopped with Ctrl-C

Nothing heavy is imported here: a command imports its workflow when it runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from morula.console import (
    live_progress,
    print_agreement,
    print_findings,
    print_line,
    print_measures,
    print_object_scores,
    print_rows,
    print_scores,
    print_suggestions,
    say,
    say_error,
    write_anything,
)
from morula.errors import MorulaError
from morula.flags import LazyFlags, with_settings

if TYPE_CHECKING:
    from morula.images.inspection import DataSettings
    from morula.learning.settings import NetworkSettings, TrainSettings
    from morula.measures.measurement import MeasureSettings
    from morula.models.settings import FeatureSettings, SegmentSettings, SuggestSettings
    from morula.reports.experiment import ExperimentSettings
    from morula.reports.pictures import PlotSettings
    from morula.scores.evaluation import ComparisonSettings
    from morula.tracks.tracking import TrackSettings
    from morula.workflows import DrawingSettings

SOME_FAILED, WRONG_REQUEST, FAULT, STOPPED = 1, 2, 70, 130

GO_ON: dict[str, str] = {
    "train": "Run the same command with --resume to go on.",
    "segment": "Run the same command to go on.",
}
"""How to go on with a stopped command, where starting it again is not all there is to say."""

Images = Annotated[str, typer.Argument(help="Images: a folder, a file (a stack is many frames) or a 'glob'.")]
Masks = Annotated[str, typer.Argument(help="The same of masks, one for each image.")]


class Commands(LazyFlags):
    """All commands; what goes wrong in one is said in words and becomes its exit status."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        try:
            return super().invoke(ctx)  # type: ignore[arg-type]
        except MorulaError as error:
            say_error(str(error))
            raise typer.Exit(WRONG_REQUEST) from None
        except KeyboardInterrupt:
            how = GO_ON.get(ctx.invoked_subcommand or "", "Run the same command to start again.")
            say(f"Stopped. Nothing half-written was left behind. {how}")
            raise typer.Exit(STOPPED) from None


app = typer.Typer(
    cls=Commands,
    help="Outline what you study: a U-Net trained in minutes on the images you outlined.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """The `morula` command."""
    write_anything()
    try:
        app()
    except Exception:
        import traceback

        traceback.print_exc()
        say("\nThis is a fault in Morula, not in your data. Please report it, "
            f"with the lines above and the command. The version is {_version()}.")
        sys.exit(FAULT)


def show_version(wanted: bool) -> None:
    if wanted:
        print_line(f"morula {_version()}")
        raise typer.Exit


@app.callback()
def morula(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=show_version, is_eager=True)
    ] = False,
) -> None:
    """What is common to all commands."""


@app.command()
@with_settings(settings="morula.workflows:DrawingSettings")
def synth(
    kind: Annotated[Literal["gastruloids", "shapes"], typer.Argument(help="What to draw.")],
    out: Annotated[Path, typer.Option(help="The new folder, with the folders images and masks in it.")],
    settings: DrawingSettings,
) -> None:
    """Draw images with known outlines, to try things out and to measure on."""
    from morula.workflows import draw

    with live_progress() as progress:
        drawn = draw(kind, out, settings, progress=progress)
    print_line(f"{drawn.frames} images in {drawn.images}, their masks in {drawn.masks}")


@app.command()
@with_settings(settings="morula.images.inspection:DataSettings")
def check(
    images: Images,
    masks: Masks,
    settings: DataSettings,
    leakage: Annotated[
        bool, typer.Option("--leakage", help="Say also what a split at random would have let through.")
    ] = False,
) -> None:
    """Say what images and masks hold, and what must be mended before training."""
    from morula.workflows import check

    with live_progress() as progress:
        inspection = check(images, masks, settings, leakage=leakage, progress=progress)
    print_rows(inspection.rows)
    if inspection.findings:
        print_line()
        print_findings(inspection.findings)
    if inspection.errors:
        raise typer.Exit(WRONG_REQUEST)


@app.command()
@with_settings(settings="morula.scores.evaluation:ComparisonSettings")
def evaluate(
    predicted: Annotated[str, typer.Argument(help="Predicted masks: a folder, a file or a 'glob'.")],
    truth: Annotated[str, typer.Argument(help="True masks, paired with the predicted ones by name.")],
    settings: ComparisonSettings,
    json: Annotated[Path | None, typer.Option(help="Write all scores to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML page with scores and overlays.")] = None,
    images: Annotated[
        str | None, typer.Option(help="What was segmented, to be shown beneath the outlines of the report.")
    ] = None,
) -> None:
    """Compare predicted masks with the truth, or the masks of two annotators with each other."""
    from morula.workflows import evaluate

    with live_progress() as progress:
        evaluation = evaluate(
            predicted, truth, settings, images=images, json=json, report=report, progress=progress
        )
    print_rows(evaluation.rows)
    print_line()
    print_scores(evaluation.scores)
    if evaluation.annotators:
        print_line()
        print_agreement(evaluation.scores)
    if evaluation.objects:
        print_line()
        print_object_scores(evaluation.objects)
    if evaluation.tracks:
        print_line()
        print_rows(evaluation.tracks.rows)
    if evaluation.findings:
        print_line()
        print_findings(evaluation.findings)
    if evaluation.failed:
        raise typer.Exit(SOME_FAILED)


@app.command()
@with_settings(
    settings="morula.learning.settings:TrainSettings",
    architecture="morula.learning.settings:NetworkSettings",
    data="morula.images.inspection:DataSettings",
)
def train(
    images: Images,
    masks: Masks,
    out: Annotated[Path, typer.Option(help="The model file to write.")],
    settings: TrainSettings,
    architecture: NetworkSettings,
    data: DataSettings,
    animation: Annotated[
        Path | None, typer.Option(help="Show how the mask of a validation frame emerges, in this .gif file.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model that exists.")] = False,
) -> None:
    """Learn to outline, from images and their masks."""
    from morula.workflows import train

    with live_progress() as progress:
        training = train(images, masks, out, settings, data, architecture, animation=animation, resume=resume,
                         overwrite=overwrite, progress=progress, tell=say)
    record = training.model.record
    done, seconds, best = record["steps_done"], record["seconds"], record["best_step"]
    say(f"{done} steps in {seconds:.0f} s; the weights of step {best} are kept.")
    if training.scores:
        print_line("On the validation frames:")
        print_scores(training.scores)
        print_line()
    if training.objects:
        print_object_scores(training.objects)
        print_line()
    if training.outlook:
        print_rows(training.outlook)
        print_line()
    print_line(training.files)


@app.command()
@with_settings(settings="morula.models.settings:SegmentSettings")
def segment(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    images: Annotated[list[str], typer.Argument(help="Images: folders, files or 'globs'.")],
    out: Annotated[Path, typer.Option(help="The folder for the masks.")],
    settings: SegmentSettings,
) -> None:
    """Make masks of new images with a trained model."""
    from morula.images.findings import many
    from morula.workflows import segment

    with live_progress() as progress:
        segmented = segment(model, images, out, settings, progress=progress)
    skipped = f", {segmented.skipped} had theirs already" if segmented.skipped else ""
    print_line(f"{many(segmented.written, 'mask')} written to {segmented.out}{skipped}")
    if segmented.review:
        print_line(f"What is most worth a look is shown in {segmented.review}")
    for note in segmented.notes:
        say(note)
    for error in segmented.failed.values():
        say_error(error)
    if segmented.failed:
        raise typer.Exit(SOME_FAILED)


@app.command()
@with_settings(settings="morula.models.settings:SuggestSettings")
def suggest(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    images: Annotated[list[str], typer.Argument(help="Images to choose from: folders, files or 'globs'.")],
    settings: SuggestSettings,
    copy: Annotated[Path | None, typer.Option(help="Copy the chosen images into this folder.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the list to this .json file.")] = None,
    table: Annotated[Path | None, typer.Option(help="Write the list to this .csv or .parquet file.")] = None,
) -> None:
    """Choose the images most worth annotating next."""
    from morula.images.findings import many
    from morula.workflows import suggest

    with live_progress() as progress:
        suggested = suggest(model, images, settings, copy=copy, json=json, table=table, progress=progress)
    print_suggestions(suggested.frames)
    known = f", {suggested.annotated} more are annotated already" if suggested.annotated else ""
    print_line(f"{len(suggested.frames)} of {many(suggested.of, 'frame')} suggested{known}")
    if copy is not None:
        print_line(f"Copies are in {copy}")
    for error in suggested.failed.values():
        say_error(error)
    if suggested.failed:
        raise typer.Exit(SOME_FAILED)


def show_measures(wanted: bool) -> None:
    if wanted:
        from morula.measures.catalogue import TOPICS

        print_measures(TOPICS)
        raise typer.Exit


@app.command()
@with_settings(settings="morula.measures.measurement:MeasureSettings")
def measure(
    masks: Annotated[str, typer.Argument(help="Masks or label images: a folder, a file or a 'glob'.")],
    out: Annotated[Path, typer.Option(help="The table to write, .csv or .parquet.")],
    settings: MeasureSettings,
    images: Annotated[str | None, typer.Option(help="Their images, to measure intensities too.")] = None,
    doubt: Annotated[Path | None, typer.Option(help="The doubt about them, for an interval of each measure.")] = None,
    rois: Annotated[Path | None, typer.Option(help="A folder for the outlines as ImageJ's ROI sets.")] = None,
    geojson: Annotated[Path | None, typer.Option(help="A folder for the outlines as GeoJSON.")] = None,
    straighten: Annotated[Path | None, typer.Option(help="A folder for objects straightened.")] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List all measures and stop.", callback=show_measures, is_eager=True)
    ] = False,
) -> None:
    """Write size, shape and intensities of every object into a table."""
    from morula.images.findings import many
    from morula.workflows import measure

    with live_progress() as progress:
        measured = measure(masks, out, settings, images=images, doubt=doubt, rois=rois, geojson=geojson,
                           straighten=straighten, progress=progress)
    print_line(f"{many(measured.objects, 'object')} in {many(measured.frames, 'frame')} measured into {measured.table}")
    print_rows(measured.rows)
    if measured.reading.doubt:
        say(measured.reading.doubt)
    for error in measured.failed.values():
        say_error(error)
    if measured.failed:
        raise typer.Exit(SOME_FAILED)


@app.command()
@with_settings(settings="morula.tracks.tracking:TrackSettings")
def track(
    masks: Annotated[str, typer.Argument(help="Masks or label images: a stack, a folder of frames or a 'glob'.")],
    out: Annotated[Path, typer.Option(help="The folder for the label images and tracks.csv.")],
    settings: TrackSettings,
    table: Annotated[
        Path | None, typer.Option(help="A table of morula measure, to be written again with the tracks.")
    ] = None,
) -> None:
    """Follow objects through a movie, so that each keeps its number."""
    from morula.workflows import track

    with live_progress() as progress:
        tracked = track(masks, out, settings, table=table, progress=progress)
    print_rows(tracked.summary)
    print_line(f"The table is {tracked.table}")


@app.command()
@with_settings(settings="morula.reports.pictures:PlotSettings")
def plot(
    tables: Annotated[list[Path], typer.Argument(help="Tables of morula measure or morula track.")],
    out: Annotated[Path, typer.Option(help="The folder for the pictures.")],
    settings: PlotSettings,
    images: Annotated[str | None, typer.Option(help="What was segmented, for a gallery of objects.")] = None,
    outlines: Annotated[
        Path | None, typer.Option(help="The folder of measure --geojson, for outlines over time and in the gallery.")
    ] = None,
) -> None:
    """Draw measures over time and by condition, with the size of each difference."""
    from morula.workflows import plot

    with live_progress() as progress:
        plotted = plot(tables, out, settings, images=images, outlines=outlines, progress=progress)
    print_line(f"{', '.join(path.name for path in plotted.pictures)} written to {out}")
    if plotted.effects:
        print_line(f"The differences are in {plotted.effects}")


@app.command()
@with_settings(settings="morula.reports.experiment:ExperimentSettings")
def report(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    out: Annotated[Path, typer.Option(help="The page to write.")],
    settings: ExperimentSettings,
    images: Annotated[str | None, typer.Option(help="Images that were segmented.")] = None,
    masks: Annotated[str | None, typer.Option(help="Their true masks.")] = None,
    predicted: Annotated[str | None, typer.Option(help="The model's masks of them.")] = None,
    table: Annotated[Path | None, typer.Option(help="What morula measure or track found in its masks.")] = None,
) -> None:
    """Write one page about a model: data, plan, learning curves, scores, worst and best masks, measures."""
    from morula.workflows import report

    with live_progress() as progress:
        report(model, out, images=images, masks=masks, predicted=predicted, table=table, settings=settings,
               progress=progress)
    print_line(f"The report is {out}")


@app.command()
@with_settings(settings="morula.models.settings:FeatureSettings")
def info(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    settings: FeatureSettings,
    plot: Annotated[Path | None, typer.Option(help="Draw the network into this .svg, .png or .pdf file.")] = None,
    features: Annotated[Path | None, typer.Option(help="Draw what layers see in --image into this file.")] = None,
    image: Annotated[Path | None, typer.Option(help="The image that the layers look at.")] = None,
) -> None:
    """Say what a model is, where it came from and how good it was, and draw what is inside."""
    from morula.workflows import info

    print_rows(info(model, settings, plot=plot, features=features, image=image))


@app.command()
def demo(out: Annotated[Path, typer.Option(help="The new folder for everything.")] = Path("demo")) -> None:
    """The whole story in a minute or two, on drawn gastruloids."""
    from morula.workflows import demo

    with live_progress() as progress:
        shown = demo(out, progress=progress)
    seconds = shown.training_seconds
    print_line(f"Trained for {seconds:.0f} s on 300 drawn frames, then outlined 90 frames of other movies:")
    print_scores(shown.scores)
    print_line()
    print_line(f"Open {shown.report} to see them.")


def _version() -> str:
    from importlib.metadata import version

    return version("morula")


if __name__ == "__main__":
    main()
