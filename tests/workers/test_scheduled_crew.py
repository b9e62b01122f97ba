"""What workers of a scheduler make is, byte for byte, what one process makes, whoever dies on the way.

Scheduler and workers are real processes of dask, begun as people begin them, on this machine.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import tifffile

import dask_machines
import morula
from crew_images import noise, write_images
from morula.errors import RequestError
from morula.images.write import write_mask
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.workflows import segment

if "MORULA_NEEDS_CLUSTER" not in os.environ:
    pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX kills them")]

POISON = """
import os, signal, sys
def look(event, told):
    if event == "open" and str(told[0]).endswith("poison.tif"):
        os.kill(os.getpid(), signal.SIGKILL)
    if event == "open" and str(told[0]).endswith("worse.tif"):
        os.kill(os.getppid(), signal.SIGKILL)
if sys.orig_argv[-1].endswith("crew_process"):
    sys.addaudithook(look)
"""
"""Files that end who opens them: the process, or the worker that began it as well."""


@pytest.fixture(scope="module")
def machines(tmp_path_factory) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    folder = tmp_path_factory.mktemp("machines")
    with dask_machines.scheduler(folder) as (address, found), \
         dask_machines.worker(folder, found), dask_machines.worker(folder, found):
        dask_machines.wait_for_workers(address, 2)
        yield address


@pytest.fixture
def images(tmp_path: Path, monkeypatch) -> Path:
    """Pictures, movies, one of them with a bad frame, and a file that is no image; seen from the folder they are in."""
    monkeypatch.chdir(tmp_path)
    folder = write_images(Path("images"), 5)
    made().save(Path("model.safetensors"))
    return folder


def made() -> Model:
    """A model that knows nothing, and takes half of all pixels for the body."""
    import torch

    torch.manual_seed(0)
    architecture = Architecture(inputs=1, width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                batch=2, learning_rate=0.01)
    return Model(UNet(architecture).eval(), plan, flips=False)


def contents(out: str) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in Path(out).rglob("*") if path.is_file()}


def processes(*words: bytes) -> list[int]:
    """All processes below this one whose command has one of these words."""
    parents, commands = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            commands[int(path.name)] = (path / "cmdline").read_bytes()
    below = {os.getpid()}
    while more := {each for each, parent in parents.items() if parent in below} - below:
        below |= more
    return [each for each in below if any(word in commands.get(each, b"") for word in words)]


class Killer:
    """Kills a worker, or a process of one, at some of the times that progress is told."""

    def __init__(self, times: int, among: int):
        self.chance = random.Random(0)
        self.when, self.told, self.killed = set(self.chance.sample(range(among), times)), 0, 0

    def __call__(self, *_: object) -> None:
        if self.told in self.when and (there := processes(b"crew_process", b"spawn_main")):
            os.kill(self.chance.choice(there), signal.SIGKILL)
            self.killed += 1
        self.told += 1


@pytest.mark.parametrize("given", ["a file", "a model"])
def test_masks_are_those_of_one_process_and_so_are_the_errors(machines, images, given):
    model = "model.safetensors" if given == "a file" else made()
    alone = segment(model, images, "alone", flips=False, doubt=True, min_size=3)
    shared = segment(model, images, "shared", flips=False, doubt=True, min_size=3, scheduler=machines)
    assert contents("shared") == contents("alone")
    assert (shared.frames, shared.written, shared.failed) == (alone.frames, alone.written, alone.failed)
    assert [path.name for path in shared.failed] == ["bad.png", "torn.tif"]
    assert not processes(b"crew_process")


def test_tables_are_those_of_one_process(machines, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(4):
        light = noise(3, 40 + number, 50)
        write_mask(Path(f"masks/m{number}.tif"), (light > 200).astype(np.uint8), pixel_size=(0.5, 0.5))
        Path("images").mkdir(exist_ok=True)
        tifffile.imwrite(f"images/m{number}.tif", light, imagej=True, metadata={"axes": "TYX"})
    tifffile.imwrite("masks/torn.tif", np.ones((60, 70), np.uint8))
    alone, shared = (morula.measure("masks", f"{out}/t.csv", images="images", rois=f"{out}/rois", scheduler=scheduler)
                     for out, scheduler in (("alone", None), ("shared", machines)))
    assert contents("shared") == contents("alone")
    assert (shared.objects, shared.frames, shared.failed) == (alone.objects, alone.frames, alone.failed)
    assert (alone.frames, len(alone.failed), alone.objects > 20) == (12, 1, True)


def test_killed_again_and_again_workers_come_to_the_same(machines, images):
    tifffile.imwrite(images / "more.tif", noise(40, 60, 70), imagej=True, metadata={"axes": "TYX"})
    segment("model.safetensors", images, "alone", flips=False)
    killer = Killer(4, among=50)
    done = segment("model.safetensors", images, "shared", flips=False, scheduler=machines, progress=killer)
    assert killer.killed == 4
    assert [path.name for path in done.failed] == ["bad.png", "torn.tif"]
    assert contents("shared") == contents("alone")


def test_images_that_end_processes_and_workers_are_named_and_the_others_done(images, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(POISON)
    for number, name in enumerate(("poison", "worse")):
        (images / f"{number}.tif").rename(images / f"{name}.tif")
    found = {"PYTHONPATH": os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))}
    twice = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with dask_machines.scheduler(tmp_path, **twice) as (address, file), \
         dask_machines.worker(tmp_path, file, **found), dask_machines.worker(tmp_path, file, **found):
        dask_machines.wait_for_workers(address, 2)
        done = segment("model.safetensors", images, "out", flips=False, scheduler=address)
    assert sorted(path.name for path in done.failed) == ["bad.png", "poison.tif", "torn.tif", "worse.tif"]
    assert done.failed[images / "poison.tif"] == (
        "images/poison.tif: 3 processes ended while they made a mask of it (signal 9), as where memory runs out. "
        "Give each worker more memory.")
    assert done.failed[images / "worse.tif"].startswith(
        "images/worse.tif: 2 processes ended while they made a mask of it (the last was tcp://127.0.0.1:")
    assert done.written == 4


@pytest.mark.parametrize(("there", "words"), [
    ("another", r"The worker tcp://\S+ has morula 9\.9 instead of .*Begin all workers"),
    ("none", r"The worker tcp://\S+ has no Morula, or another .*Begin the scheduler and its workers with the Python"),
])
def test_a_worker_with_another_morula_is_refused_before_it_makes_anything(images, tmp_path, there, words):
    other = tmp_path / "other" / "morula-9.9.dist-info"
    other.mkdir(parents=True)
    if there == "another":
        (other / "METADATA").write_text("Metadata-Version: 2.1\nName: morula\nVersion: 9.9\n")
    else:
        (other.parent / "sitecustomize.py").write_text("import sys\nsys.modules['morula'] = None\n")
    found = {"PYTHONPATH": os.pathsep.join(filter(None, (str(other.parent), os.environ.get("PYTHONPATH"))))}
    with dask_machines.scheduler(tmp_path) as (address, file), dask_machines.worker(tmp_path, file, **found):
        dask_machines.wait_for_workers(address, 1)
        with pytest.raises(RequestError, match=words):
            segment("model.safetensors", images, "out", flips=False, scheduler=address)
    assert not list(Path("out").glob("*.tif"))


def test_whoever_stops_the_command_ends_what_workers_do_and_it_goes_on_from_there(machines, images):
    for number in range(20):
        tifffile.imwrite(images / f"more {number:02}.tif", noise(400, 600 + number))
    line = [sys.executable, "-m", "morula", "segment", "model.safetensors", images, "--out", "out", "--no-flips",
            "--scheduler", machines]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as running:
        while len(list(Path("out").glob("[!.]*.tif"))) < 2 and running.poll() is None:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        said = running.communicate()[1]
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert "ERROR" not in said
    dask_machines.wait(lambda: not processes(b"crew_process"))
    there = len(list(Path("out").glob("[!.]*.tif")))
    assert 2 <= there < 26
    done = segment("model.safetensors", images, "out", flips=False, scheduler=machines)
    assert (done.skipped, done.written) == (there, 26 - there)


def test_certificates_are_those_of_dask_and_who_has_none_is_told(images, tmp_path, monkeypatch):
    import dask
    from distributed import Security

    pair = Security.temporary()
    for name in ("ca_file", "scheduler_cert", "scheduler_key"):
        (tmp_path / name).write_text(getattr(pair, f"tls_{name}"))
    options = ["--protocol", "tls", "--tls-ca-file", str(tmp_path / "ca_file"),
               "--tls-cert", str(tmp_path / "scheduler_cert"), "--tls-key", str(tmp_path / "scheduler_key")]
    with dask_machines.scheduler(tmp_path, *options) as (address, file), \
         dask_machines.worker(tmp_path, file, *options):
        assert address.startswith("tls://")
        with pytest.raises(RequestError, match=r"certificates in the settings of dask"):
            segment("model.safetensors", images, "out", flips=False, scheduler=address)
        tls = "distributed.comm.tls"
        with dask.config.set({f"{tls}.ca-file": str(tmp_path / "ca_file"),
                              f"{tls}.client.cert": str(tmp_path / "scheduler_cert"),
                              f"{tls}.client.key": str(tmp_path / "scheduler_key")}):
            dask_machines.wait_for_workers(address, 1)
            segment("model.safetensors", images, "out", flips=False, scheduler=address)
    segment("model.safetensors", images, "alone", flips=False)
    assert contents("out") == contents("alone")


def test_a_scheduler_that_is_not_there_or_has_nobody_is_said(images, tmp_path):
    import dask

    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}), \
         pytest.raises(RequestError, match=r"No scheduler answers at tcp://127\.0\.0\.1:9"):
        segment("model.safetensors", images, "out", scheduler="tcp://127.0.0.1:9")
    with dask_machines.scheduler(tmp_path) as (address, _), \
         pytest.raises(RequestError, match=f"{address} has no workers. Begin some, with: dask worker {address}"):
        segment("model.safetensors", images, "out", scheduler=address)


def test_a_folder_that_workers_do_not_see_is_said(machines, tmp_path, monkeypatch):
    """As where machines share no files: the folder is gone when they look."""
    from morula.workers.scheduled_crew import crew_of_scheduler

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with crew_of_scheduler(machines, None) as crew:
        (tmp_path / "here").rmdir()
        with pytest.raises(RequestError, match=r"does not see .*here, where this command runs"):
            crew.do("anything")
