"""Who reads what nobody vouches for, in a process with little memory and little time."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from campaign.attempts import FORKS
from campaign.mutants import GREY, ORIGINALS, mutant
from campaign.outcomes import Outcome
from campaign.traps import TRAPS
from morula.errors import FileError, MorulaError, refusal

ABOVE = 2**30
"""Bytes of memory that a reader may take above what it has when it begins."""
SECONDS = 10
"""Of the processor's time, for one file."""
NEVER = ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen",
         "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo")
"""What no file makes Python do, as its audit hooks call it."""
ONCE = ("exec", "compile")
"""What modules make it do that are loaded; once a model was used, it does this only where one more is `LOADING`."""
LOADING = "marshal.loads"
MANY = 10
"""Files after which a reader is begun anew, for what it has asked of the system is never given back."""
PATIENCE = 90.0
"""Seconds after which a reader waits for something that never comes."""


def hostile(tries: int, seed: int) -> Iterator[Outcome]:
    """Read so many mutants in all, and each trap once."""
    yield mutants(tries, seed)
    yield _read_all("Traps: bombs, circles, entities, pipes, strange names", _traps())


def mutants(tries: int, seed: int) -> Outcome:
    """Read so many mutants, as many of each original."""
    return _read_all("Files cut, flipped, lying, repeated or torn", _mutants(tries, seed))


def _mutants(tries: int, seed: int) -> Iterator[tuple[str, str, Callable[[Path], Path]]]:
    """What each is, who reads it, and how it is made in a folder."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        written = {}
        for name, (_, write) in ORIGINALS.items():
            write(Path(place) / name)
            written[name] = (Path(place) / name).read_bytes()
    for number in range(tries):
        name = list(ORIGINALS)[number % len(ORIGINALS)]
        how, data = mutant(written[name], name, rng)
        yield f"{name}, {how}, number {number}", ORIGINALS[name][0], _writer(name, data)


def _writer(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def _traps() -> Iterator[tuple[str, str, Callable[[Path], Path]]]:
    for name, (kind, make) in TRAPS.items():
        yield name, kind, make


def _read_all(attack: str, files: Iterator[tuple[str, str, Callable[[Path], Path]]]) -> Outcome:
    broken, seen = [], Counter[str]()
    with Reader() as reader:
        for what, kind, make in files:
            with tempfile.TemporaryDirectory() as place:
                verdict = reader.read(kind, make(Path(place)))
            seen[verdict.split(":")[0]] += 1
            if not verdict.startswith(("read", "refused")):
                broken.append(f"{what}: {verdict}")
    return Outcome(attack, seen.total(), f"{seen['refused']:,} refused by name, {seen['read']:,} read; no traceback, "
                   "hang, death, or memory above need", tuple(broken))


class Reader:
    """A process that reads files, and is begun anew when one has ended it."""

    def __enter__(self) -> Reader:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def _begin(self) -> None:
        self._ours, theirs = FORKS.Pipe()
        self._process = FORKS.Process(target=_read_what_comes, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._left = MANY

    def read(self, kind: str, path: Path) -> str:
        """How a file was met: `read`, `refused: …` or what went wrong."""
        if self._left == 0:
            self._begin_anew()
        self._left -= 1
        self._ours.send((kind, path))
        try:
            if self._ours.poll(PATIENCE):
                return self._ours.recv()
            verdict = "a hang: it waited for something that never came"
        except (EOFError, ConnectionResetError):
            self._process.join()
            ended = self._process.exitcode or 0
            verdict = "a hang: it computed" if ended == -signal.SIGPROF else f"dead: the process ended with {ended}"
        self._begin_anew()
        return verdict

    def _begin_anew(self) -> None:
        self.__exit__()
        self._begin()


def _read_what_comes(asked: Connection) -> None:
    """In the process of the reader."""
    import faulthandler

    faulthandler.disable()
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quiet, stream)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + ABOVE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    heard: list[str] = []
    sys.addaudithook(lambda event, told: None if _is_ours(event, told) else heard.append(event))
    known = set[str]()
    while True:
        kind, path = asked.recv()
        heard.clear()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        verdict = _verdict(kind, path)
        signal.setitimer(signal.ITIMER_PROF, 0)
        loaded = kind != "used model" or kind not in known or LOADING in heard
        ran = set(heard) & {*NEVER, *(() if loaded else ONCE)}
        if verdict == "read":
            known.add(kind)
        asked.send(f"it ran code: {', '.join(sorted(ran))}" if ran else verdict)


def _is_ours(event: str, told: tuple) -> bool:
    """Whether code is run that PyTorch writes of a network of ours, to join its layers."""
    made_of = {"compile": lambda: told[1], "exec": lambda: told[0].co_filename}.get(event, str)()
    return str(made_of).startswith("<eval_with_key>")


def _verdict(kind: str, path: Path) -> str:
    try:
        READERS[kind](path)
        return "read"
    except Exception as error:
        said = refusal(error) or str(error)
        if not isinstance(error, MorulaError) and refusal(error) is None:
            last = traceback.extract_tb(error.__traceback__)[-1]
            ours = [each for each in traceback.extract_tb(error.__traceback__) if "morula" in each.filename]
            where = ours[-1] if ours else last
            return f"a traceback: {error!r} in {Path(where.filename).name}, line {where.lineno}"
        if "more memory than there is" in said:
            return f"memory: {said}"
        return f"refused: {said}" if path.name[:40] in said or path.parent.name in said else f"unnamed: {said}"


def _image(path: Path) -> None:
    from morula.images.read import find_files, open_image

    find_files(path.parent)
    image = open_image(path)
    for frame in {0, image.frames - 1}:
        image.frame(frame)
        image.region(frame, tuple(slice(0, min(side, 9)) for side in image.space))


def _drawn(path: Path) -> None:
    from morula.exchange.collection import find_annotations

    found = find_annotations(path)
    for each in found.files if found else ():
        found.open(each, None).array()


def _frames(path: Path) -> None:
    from morula.segmenting.frames import classes_told, read_frames

    for rows in read_frames(path).values():
        for row in rows:
            row.as_text()
    classes_told(path)


def _table(path: Path) -> None:
    from morula.objects.tables import read_table

    read_table(path)


def _project(path: Path) -> None:
    from morula.projects.project import Project

    Project(path.parent)


def _notes(path: Path) -> None:
    """Notes on an annotation, where a project has them."""
    from morula.projects.annotation import Annotation
    from morula.projects.frame_states import about
    from morula.projects.project import Project

    (path.parent / "images").mkdir()
    ORIGINALS["plain.tif"][1](path.parent / "images" / "plain.tif")
    project = Project(path.parent)
    [source] = project.sources()
    about(project, source).parent.mkdir(parents=True)
    shutil.copy(path, about(project, source))
    Annotation(project, source).write()


def _model(path: Path) -> None:
    from morula.models.model import Model

    Model.load(path)


def _lifetimes(path: Path) -> None:
    from morula.tracks.challenge import read_lifetimes

    read_lifetimes(path)


def _calibration(path: Path) -> None:
    from morula.measures.intervals import read_calibration

    read_calibration(path.parent)


def _job(path: Path) -> None:
    from morula.jobs.job_queue import Job

    Job.read(path)


def _facts(path: Path) -> None:
    """What a project keeps of its images, which is made anew where it is damaged."""
    from morula.projects.image_facts import KnownImages
    from morula.projects.project import Project

    (path.parent / "images").mkdir()
    ORIGINALS["plain.tif"][1](path.parent / "images" / "plain.tif")
    project = Project(path.parent)
    shutil.copy(path, project.hidden / "images.json")
    [facts] = KnownImages(project).all(project.sources())
    assert facts.frames == 1, facts


def _arrays(path: Path) -> None:
    from morula.files import read_arrays

    try:
        read_arrays(path)
    except ValueError as error:
        raise FileError(f"{path}: {error}") from error


def _working_copy(path: Path) -> None:
    import numpy as np

    from morula.projects.sparse_frames import SparseFrames

    SparseFrames(path, (1, 40, 48), np.dtype(np.uint8)).close()


def _checkpoint(path: Path) -> None:
    from morula.learning.checkpoint import read_checkpoint

    with read_checkpoint(path):
        pass


def _cvat_masks(path: Path) -> None:
    (path.parent / "SegmentationClass").mkdir()
    ORIGINALS["colours.png"][1](path.parent / "SegmentationClass" / "a.png")
    _drawn(path.parent)


def _used_model(path: Path) -> None:
    """A model is loaded, described, and makes a mask of which it says how good it is."""
    from morula.models.model import Model
    from morula.reports.contents import describe_model

    model = Model.load(path)
    describe_model(model)
    _, expected = model.judged(GREY)
    assert expected is None or expected.mean is None or 0 <= expected.mean.low <= expected.mean.iou <= 1
    assert model.calibration


READERS: Mapping[str, Callable[[Path], None]] = {
    "image": _image, "drawn": _drawn, "frames": _frames, "table": _table, "project": _project, "notes": _notes,
    "model": _model, "used model": _used_model, "lifetimes": _lifetimes,
    "calibration": _calibration, "job": _job, "facts": _facts, "arrays": _arrays, "working copy": _working_copy,
    "checkpoint": _checkpoint, "cvat masks": _cvat_masks,
}
