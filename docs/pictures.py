"""The pictures of the documentation, made by Morula itself: `.venv/bin/python docs/pictures.py`.

Trains for a minute or two on the way. A short training on another processor gives slightly other outlines.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image as Picture

import morula
from morula.drawings.drawn import Drawing
from morula.drawings.synthetic import draw_gastruloids
from morula.examples.example import make_example
from morula.examples.patches import Patches
from morula.images.tiles import cover
from morula.models.batch_sizes import BatchSizes
from morula.models.model import Model
from morula.models.plan import Augmentation, Intensity
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise
from morula.plots import palette
from morula.plots.comparison import draw_effects
from morula.plots.experiment import ExperimentSettings, read_experiment
from morula.plots.figures import STYLE, figure_in_style, save_figure
from morula.plots.over_time import draw_over_time
from morula.plots.overlay import overlay
from morula.reports.feature_sheet import draw_features
from morula.reports.network_plot import draw_network
from morula.segmenting.doubt import mask_and_doubt
from morula.tracks.movies import Movie, MovieFrame
from morula.tracks.tracked import track_movie

FOLDER = Path(__file__).with_name("images")
GAP = 8
SIDE = 160


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    save("gastruloids.png", known_outlines())
    save("mended.png", mended())
    save("measured_conditions.png", measured_conditions())
    model = trained()
    save("outlines.png", learnt_outlines(model))
    save("doubt.png", doubts(model), colours=128)
    save("network.png", network(model))
    save("features.png", features(model))
    save("augmentation.png", augmentation())
    save("tiles.png", tiles())


def known_outlines() -> Picture.Image:
    """Drawn frames of four movies, and their true outlines beneath."""
    drawings = drawings_of(range(4), seed=3)
    plain = [shown(drawing, np.zeros_like(drawing.mask), np.zeros_like(drawing.mask)) for drawing in drawings]
    outlined = [shown(drawing, drawing.mask, drawing.mask) for drawing in drawings]
    return mounted([plain, outlined])


def mended(moments: int = 12) -> Picture.Image:
    """Four frames of a movie, of which two have broken masks; beneath, what mending makes of them."""
    drawings = list(draw_gastruloids(moments, movies=1, seed=11))
    masks = np.stack([drawing.mask for drawing in drawings])
    masks[3][:, np.arange(SIDE) > SIDE / 2] = 0
    masks[8] |= np.roll(masks[8], SIDE // 3, axis=0)
    image = morula.Image.from_array(masks, "TYX", name="movie")
    movie = Movie("movie", tuple(MovieFrame(image, moment, moment) for moment in range(moments)), numbered=True)
    images = list(track_movie(movie, mend=True).images())
    places = (2, 3, 4, 8)
    return mounted([[shown(drawings[place], drawings[place].mask, (row[place] > 0).astype(np.uint8))
                     for place in places] for row in (masks, images)])


def measured_conditions(moments: int = 16) -> Picture.Image:
    """Two conditions over time and the differences between them; one is measured as if its pixels were larger."""
    with tempfile.TemporaryDirectory() as place:
        tables = []
        for name, seed, size in (("control", 5, 2.0), ("treated", 6, 2.4)):
            movies = morula.draw("gastruloids", Path(place) / name, movies=5, frames=moments, seed=seed)
            tables.append(Path(place) / f"{name}.csv")
            morula.measure(movies.masks, tables[-1], pixel_size=size, main_object=True,
                           measures=["size", "axes", "outline"])
        settings = ExperimentSettings(measures=("area", "aspect_ratio", "circularity"), minutes_per_frame=120)
        experiment = read_experiment(tables, settings)
    with figure_in_style("measured_conditions", 8.0, 4.0) as figure:
        above, below = figure.subfigures(2, height_ratios=(2.3, 1))
        draw_over_time(above, experiment)
        draw_effects(below, experiment)
        return drawn(lambda path: save_figure(figure, path))


def trained(steps: int = 120) -> Model:
    """A model after a short training, in which a mask is seen to emerge."""
    with tempfile.TemporaryDirectory() as place:
        known = morula.draw("gastruloids", Path(place) / "known", count=150, movies=15, seed=1)
        out, animation = Path(place) / "model.safetensors", FOLDER / "emergence.gif"
        return morula.train(known.images, known.masks, out, steps=steps, animation=animation).model


def learnt_outlines(model: Model) -> Picture.Image:
    """What a short training makes of movies that it has not seen, from worst to best."""
    drawings = drawings_of(range(8), seed=2)
    masks = [model.segment(drawing.image) for drawing in drawings]
    order = sorted(range(len(drawings)), key=lambda i: agreement(drawings[i].mask, masks[i]))
    pictures = [shown(drawings[i], drawings[i].mask, masks[i]) for i in order]
    return mounted([pictures[:4], pictures[4:]])


def doubts(model: Model) -> Picture.Image:
    """Four of the same frames, that with the most doubt first, with their outlines; beneath, where the doubt is."""
    drawings = drawings_of(range(8), seed=2)
    found = [(drawing, *mask_and_doubt(model, morula.Image.from_array(drawing.image, "YX"))) for drawing in drawings]
    found.sort(key=lambda each: -int(each[2].sum()))
    outlines = [shown(drawing, drawing.mask, mask) for drawing, mask, _ in found[::2]]
    return mounted([outlines, [glowing(drawing.image, doubt) for drawing, _, doubt in found[::2]]])


def glowing(image: np.ndarray, doubt: np.ndarray) -> Picture.Image:
    """A grey picture, dimmed, in which doubt glows."""
    glow = np.minimum(doubt / 64, 1)[..., None]
    mixed = (1 - glow) * 0.4 * image[..., None] + glow * np.array(palette.rgb(palette.OTHER_CLASS))
    return Picture.fromarray(np.rint(mixed).astype(np.uint8)).resize((SIDE, SIDE))


def network(model: Model) -> Picture.Image:
    """The network that was planned."""
    return drawn(lambda path: draw_network(model.plan.architecture, model.plan.patch, path))


def features(model: Model) -> Picture.Image:
    """What some of its layers see."""
    [drawing] = drawings_of([4], seed=3)
    image = morula.Image.from_array(drawing.image, "YX")
    layers = ["encoder.0", "encoder.2", "decoder.1", "decoder.0"]
    return drawn(lambda path: draw_features(model, image, path, layers)).reduce(2)


def drawn(draw: Callable[[Path], None]) -> Picture.Image:
    """What is drawn into a file, as a picture."""
    with tempfile.TemporaryDirectory() as place:
        draw(path := Path(place) / "figure.png")
        return opened(path.read_bytes())


def augmentation() -> Picture.Image:
    """A frame, and seven ways in which a training may see it."""
    drawing = drawings_of([4], seed=3)[0]
    image = morula.Image.from_array(drawing.image, "YX", name="frame")
    mask = morula.Image.from_array(drawing.mask, "YX", name="frame")
    reading = recognise([mask])
    example = make_example(Frame(Pair(image, mask, "frame"), 0), reading, (1, 1), Intensity())
    always_warped = Augmentation().model_copy(update={"warp": 1.0})
    patches = Patches([example], (SIDE, SIDE), BatchSizes(7, 7), always_warped, seed=1).batch(0)
    first = shown(drawing, drawing.mask, drawing.mask)
    others = [
        opened(overlay(picture, share.argmax(0).astype(np.uint8), share.argmax(0).astype(np.uint8), longest=SIDE))
        for picture, share in zip(patches.images.numpy(), patches.shares.numpy(), strict=True)
    ]
    return mounted([[first, *others[:3]], others[3:]])


def tiles(length: int = 1300, size: int = 512, overlap: int = 96) -> Picture.Image:
    """How much each of the tiles along one axis counts."""
    with rc_context(STYLE):
        figure = Figure(figsize=(7.2, 1.9), layout="constrained")
        axes = figure.subplots()
        for number, span in enumerate(cover(length, size=size, overlap=overlap, multiple=16)):
            colour = (palette.ACCENT, palette.BOTH, palette.TRUTH_ONLY)[number % 3]
            places = np.arange(span.start, span.stop) + 0.5
            axes.fill_between(places, span.weights, color=colour, alpha=0.25, linewidth=0)
            axes.plot(places, span.weights, color=colour, linewidth=1.5)
            axes.plot([span.start, span.stop], [-0.12 - 0.1 * number] * 2, color=colour, linewidth=3)
            axes.annotate(f"tile {number + 1}", (span.start, -0.12 - 0.1 * number), xytext=(2, -9),
                          textcoords="offset points", color=colour, fontsize=7)
        axes.axvspan(length, span.stop, color=palette.LINE, linewidth=0)
        axes.text((length + span.stop) / 2, 0.5, "mirrored", ha="center", va="center", rotation=90,
                  color=palette.MUTED, fontsize=7)
        axes.set(xlim=(0, span.stop), ylim=(-0.55, 1.1), xlabel="pixels along one axis", ylabel="weight")
        axes.set_yticks([0, 1])
        axes.grid(False)
        png = BytesIO()
        figure.savefig(png, dpi=150)
    return opened(png.getvalue())


def drawings_of(movies: range | list[int], seed: int, frames: int = 24) -> list[Drawing]:
    """One frame of each movie, the later the movie the later in its life."""
    every = list(draw_gastruloids(frames * (max(movies) + 1), movies=max(movies) + 1, seed=seed))
    return [every[movie * frames + (5 * movie) % frames] for movie in movies]


def agreement(truth: np.ndarray, mask: np.ndarray) -> float:
    return float(((truth == 1) & (mask == 1)).sum() / ((truth == 1) | (mask == 1)).sum())


def shown(drawing: Drawing, truth: np.ndarray, mask: np.ndarray) -> Picture.Image:
    return opened(overlay(drawing.image[None], truth, mask, longest=SIDE))


def opened(png: bytes) -> Picture.Image:
    return Picture.open(BytesIO(png)).convert("RGB")


def mounted(rows: list[list[Picture.Image]]) -> Picture.Image:
    """Pictures of one size in rows, on white."""
    width, height = rows[0][0].size
    sheet = Picture.new("RGB", (len(rows[0]) * (width + GAP) - GAP, len(rows) * (height + GAP) - GAP), "white")
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            sheet.paste(picture, (column * (width + GAP), row * (height + GAP)))
    return sheet


def save(name: str, picture: Picture.Image, colours: int = 64) -> None:
    """A palette keeps it small; nobody sees the difference, unless rare colours matter."""
    picture.quantize(colours, dither=Picture.Dither.NONE).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
