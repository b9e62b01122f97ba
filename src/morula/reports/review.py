"""The masks most worth a look, worst first, on one page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from morula.files import write_text
from morula.images.image import Image
from morula.images.read import open_alike
from morula.plots import palette
from morula.plots.display import COLOURED, channel_colours
from morula.plots.overlay import outlined
from morula.plots.overview import averaged, block_side, thinned
from morula.plurals import many
from morula.progress import Progress, silent
from morula.reports.document import document, legend
from morula.segmenting.flags import worth_a_look
from morula.segmenting.frames import SegmentedFrame, write_frames

EXPLAINED = ('<p class="aside">The number is the expected IoU, with the ends of its interval; where the model cannot '
             "tell, the IoU that the mask would have if its probabilities were right. Below each name stands what is "
             "unusual.</p>")
CROWDED = 500
"""A frame with more objects is shown larger, so that they can be told apart."""
LONGEST = {False: 480, True: 960}
"""The longer side of a picture in pixels, by whether the frame is crowded."""
PAGE, TABLE = "review.html", "review.csv"


@dataclass(frozen=True)
class Review:
    """What is worth a look.

    Attributes:
        page: where it is shown.
        frames: worst first.
        of: how many there were to choose from.
    """

    page: Path
    frames: tuple[SegmentedFrame, ...]
    of: int


def write_review(
    rows: Sequence[SegmentedFrame],
    opened: Callable[[str], Image],
    masks: Path,
    count: int,
    progress: Progress = silent,
    *,
    numbered: bool = False,
    classes: Sequence[str] = (),
) -> Review:
    """Write the frames most worth a look into `masks/review`: a page with a picture of each, and a table.

    Args:
        rows: all frames to choose from.
        opened: the image in the file of a row, by its name.
        masks: the folder of their masks.
        count: how many to show.
        progress: called with frames done, frames in all, and words.
        numbered: the masks are label images, a number each object.
        classes: what they are called, background left out; a legend tells several apart.

    Raises:
        FileError: an image or a mask cannot be read any more.
        OutputError: the folder cannot be written to.
    """
    worst = sorted(rows, key=worth_a_look, reverse=True)[:count]
    cells, colours, axes = [], {}, 2
    for done, row in enumerate(worst):
        progress(done, len(worst), f"drawing {row.file} for the review")
        image = opened(row.file)
        cells.append(_cell(row, image, masks / row.mask, numbered))
        if len(image.channels) > 1 and image.channels != COLOURED:
            colours |= channel_colours(image.channels)
        axes = len(image.space)
    folder = masks / "review"
    subtitle = f"{many(len(worst), 'frame')} of {len(rows):,}, worst first"
    lines = {name: palette.CLASSES[place % len(palette.CLASSES)] for place, name in enumerate(classes)}
    named = legend(lines) if len(lines) > 1 and not numbered else ""
    opening = f'<div class="gallery{" deep" * (axes > 2)}">'
    body = "\n".join([EXPLAINED, named, legend(colours), opening, *cells, "</div>"])
    write_text(folder / PAGE, document("Worth a look", subtitle, body))
    write_frames(folder / TABLE, worst)
    return Review(folder / PAGE, tuple(worst), len(rows))


def _cell(row: SegmentedFrame, image: Image, mask_path: Path, numbered: bool) -> str:
    """A picture of the frame with the outlines of its mask, and what there is to say."""
    mask, side = open_alike(mask_path, image), block_side(image)
    picture = outlined(averaged(image, row.frame, side), thinned(mask, row.frame, side)[0], numbered=numbered,
                       channels=image.channels, pixel_size=image.pixel_size, longest=LONGEST[row.objects > CROWDED])
    name = row.file if image.frames == 1 else f"{row.file}, frame {row.frame}"
    sure = "" if row.certainty is None else f"{row.certainty:.2f}"
    if row.expected and (mean := row.expected.mean):
        sure = f"{mean.iou:.2f} ({mean.low:.2f} to {mean.high:.2f})"
    flags = f"<br><strong>{escape('; '.join(row.flags))}</strong>" if row.flags else ""
    return (f'<figure><img src="data:image/png;base64,{b64encode(picture).decode()}" alt="{escape(name)} with its '
            f'outline"><figcaption><span>{escape(name)}{flags}</span><span>{sure}</span>'
            "</figcaption></figure>")
