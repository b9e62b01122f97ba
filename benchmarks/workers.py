"""How much faster several processes segment a plate and a long movie than one, at one thread each.

    python benchmarks/workers.py --workers 1 2 [--core-each] --out shared

Draws a plate of 96 wells in OME-Zarr and a movie of 1,000 frames in one TIFF, and segments each with so many processes,
in turn, as often as there are rounds. The time of a run begins with the eighth mask for each process, when all are at
work; what is written must be the same. A row of a table is printed for each. Run it on a machine that does nothing
else, with at least as many cores free as processes. One process alone reads and writes on another core than the one it
computes on, where there is one; with --core-each it has a single core, and several have as many as they are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from subprocess import PIPE, run

import numpy as np
import tifffile

ROWS, COLUMNS = "ABCDEFGH", range(1, 13)
SKIPPED = 8
"""How many masks come for each process before the time is taken."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--model", default="gastruloid")
    parser.add_argument("--side", type=int, default=512, help="of each picture, in pixels")
    parser.add_argument("--frames", type=int, default=1000, help="of the movie")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("shared"))
    parser.add_argument("--core-each", action="store_true", help="no more cores than processes (Linux)")
    parser.add_argument("--timed", nargs=3, metavar=("IMAGES", "OUT", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.timed:
        images, out, count = options.timed
        if options.core_each:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(count)])
        print(json.dumps(timed(options.model, Path(images), Path(out), int(count))))
        return
    inputs = {"plate, 96 fields": plate(options.out / "plate.zarr", options.side),
              f"movie, {options.frames:,} frames": movie(options.out / "movie.tif", options.frames, options.side // 2)}
    print(f"| images | processes | seconds, of {options.rounds} rounds | frames a second | times as fast |")
    print("| --- | --- | --- | --- | --- |")
    for name, images in inputs.items():
        found: dict[int, list[tuple[float, int]]] = {count: [] for count in options.workers}
        digests = set()
        for _ in range(options.rounds):
            for count in options.workers:
                out = options.out / "masks"
                shutil.rmtree(out, ignore_errors=True)
                found[count].append(in_a_process(options.model, images, out, count, core_each=options.core_each))
                digests.add(digest(out))
        assert len(digests) == 1, "the masks differ"
        first = median(seconds / frames for seconds, frames in found[options.workers[0]])
        for count, runs in found.items():
            each = median(seconds / frames for seconds, frames in runs)
            times = ", ".join(f"{seconds:.1f}" for seconds, _ in runs)
            print(f"| {name} | {count} | {times} | {1 / each:.2f} | {first / each:.2f} |")


def plate(path: Path, side: int) -> Path:
    """A plate with a drawn field in each well, of OME-Zarr 0.4."""
    import zarr

    shutil.rmtree(path, ignore_errors=True)
    wells = [(row, str(column)) for row in ROWS for column in COLUMNS]
    for (row, column), picture in zip(wells, drawn(len(wells), len(wells), side), strict=True):
        field = path / row / column / "0"
        array = zarr.create_array(field / "0", shape=picture.shape, dtype=picture.dtype, chunks=picture.shape,
                                  zarr_format=2, chunk_key_encoding={"name": "v2", "separator": "/"})
        array[...] = picture
        axes = [{"name": axis, "type": "space", "unit": "micrometer"} for axis in "yx"]
        scale = [{"type": "scale", "scale": [1.0, 1.0]}]
        describe(field, {"multiscales": [{"version": "0.4", "axes": axes, "datasets": [
            {"path": "0", "coordinateTransformations": scale}]}]})
        describe(field.parent, {"well": {"images": [{"path": "0"}], "version": "0.4"}})
        describe(field.parent.parent, {})
    describe(path, {"plate": {
        "version": "0.4", "rows": [{"name": row} for row in ROWS], "columns": [{"name": str(each)} for each in COLUMNS],
        "wells": [{"path": f"{row}/{column}", "rowIndex": ROWS.index(row), "columnIndex": int(column) - 1}
                  for row, column in wells]}})
    return path


def describe(group: Path, said: dict) -> None:
    (group / ".zgroup").write_text('{"zarr_format": 2}')
    (group / ".zattrs").write_text(json.dumps(said))


def movie(path: Path, frames: int, side: int) -> Path:
    """A drawn movie in one file."""
    tifffile.imwrite(path, np.stack(drawn(frames, 1, side)), imagej=True, metadata={"axes": "TYX"})
    return path


def drawn(count: int, movies: int, side: int) -> list[np.ndarray]:
    """Drawn frames of gastruloids."""
    from morula.drawings.synthetic import draw_gastruloids

    return [each.image for each in draw_gastruloids(count, movies=movies, size=side)]


def in_a_process(model: str, images: Path, out: Path, count: int, *, core_each: bool) -> tuple[float, int]:
    """Segment in a process of its own, so that each run begins alike, with a thread for each of the processes."""
    command: Sequence[str | Path] = [sys.executable, __file__, "--model", model, "--timed", images, out, str(count),
                                    *["--core-each"] * core_each]
    threads = {"OMP_NUM_THREADS": str(count)}
    done = run(command, env={**os.environ, **threads}, stdout=PIPE, text=True, check=True)
    seconds, frames = json.loads(done.stdout)
    return seconds, frames


def timed(model: str, images: Path, out: Path, count: int) -> tuple[float, int]:
    """Seconds from when all processes are at work to the last mask, and how many frames were made in them."""
    from morula.workflows import segment

    told: list[float] = []
    segment(model, images, out, workers=count, progress=lambda *_: told.append(time.perf_counter()))
    begun = SKIPPED * count
    return told[-1] - told[begun], len(told) - 1 - begun


def digest(folder: Path) -> str:
    """What is in a folder, names and contents, in short."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    both = (part for path in files for part in (path.name.encode(), path.read_bytes()))
    return hashlib.sha256(b"".join(both)).hexdigest()


if __name__ == "__main__":
    main()
