"""Masks that go into the OME-Zarr of their images, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from morula.errors import FileError, OutputError, RequestError
from morula.headers.zarr_groups import is_taken
from morula.images.read import open_alike, open_image
from morula.models.model import Model
from morula.names.endings import called, zarr_of
from morula.progress import Progress
from morula.pyramids.image_labels import is_made_by, labels_path, write_image_labels
from morula.pyramids.zarr_words import require_name
from morula.segmenting.earlier import mask_paths
from morula.whereabouts import can_be_written


def ensure_labels(files: Sequence[Path], name: str, out: Path, model: Model, *, overwrite: bool) -> None:
    """Find out before long work whether labels of this name can be written.

    Raises:
        RequestError: an image is in no OME-Zarr, nothing can be written there, or the name cannot be one of labels.
        OutputError: there are labels of this name from elsewhere.
    """
    require_name(name, "--labels")
    if other := next((file for file in files if not zarr_of(file)), None):
        raise RequestError(f"--labels writes masks into the OME-Zarr of their images, and {other} is in none. Leave it "
                           "out, or make one of it with morula convert.")
    if other := next((file for file in files if not can_be_written(file)), None):
        raise RequestError(f"--labels writes masks into the OME-Zarr of their images, and nothing can be written into "
                           f"{other}. Leave it out: the masks are in {out}.")
    in_the_way = []
    for file, mask in mask_paths(files, out).items():
        try:
            labels = labels_path(file, name)
        except FileError:  # told when its turn comes
            continue
        if is_taken(labels) and not is_made_by(labels, model.fingerprint, mask):
            in_the_way.append(labels)
    if in_the_way and not overwrite:
        raise OutputError(f"{in_the_way[0]} exists already, from another model or an older mask ({len(in_the_way)} "
                          "such). Choose another name for --labels, or allow it with --overwrite.")


def write_labels(
    files: Sequence[Path], name: str, out: Path, model: Model, progress: Progress
) -> Mapping[Path, str]:
    """Write the masks in a folder into the OME-Zarr of their images, as far as they are not there.

    Args:
        files: the images.
        name: of the labels.
        out: the folder of masks.
        model: that made them.
        progress: called with files done, files in all, and words.

    Returns:
        What went wrong, by file.
    """
    failed = {}
    numbered = model.plan.separation is not None
    for done, (file, mask) in enumerate(mask_paths(files, out).items()):
        progress(done, len(files), f"labels of {called(file)}")
        try:
            if mask.exists() and not is_made_by(labels_path(file, name), model.fingerprint, mask):
                write_image_labels(file, name, open_alike(mask, open_image(file)), model.fingerprint,
                                   () if numbered else model.plan.classes)
        except (FileError, OutputError) as error:
            failed[file] = str(error)
    progress(len(files), len(files), "done")
    return failed
