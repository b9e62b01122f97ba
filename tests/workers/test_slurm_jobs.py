"""Jobs of Slurm are asked for as a file says, and replaced when they are over.

Slurm is not here: what stands for its commands runs the script of a job on this machine. All else is real.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch

import dask_machines
import slurm_commands
from morula.errors import RequestError
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.workers import slurm_jobs
from morula.workers.slurm_jobs import FRUITLESS, SlurmJobs, jobs_queued, read_slurm_jobs
from morula.workflows import segment

if "MORULA_NEEDS_CLUSTER" not in os.environ:
    pytest.importorskip("dask_jobqueue")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="Slurm runs on Linux")
FILE = "cores: 2\nprocesses: 2\nmemory: 4GB\nwalltime: 12:00:00\nqueue: batch\naccount: lab\n"


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder with images and a model, in which the work is done."""
    monkeypatch.chdir(tmp_path)
    Path("images").mkdir()
    for number in range(4):
        tifffile.imwrite(f"images/{number}.tif", noise(60 + 17 * number, 90))
    tifffile.imwrite("images/movie.tif", noise(30, 50, 70), imagej=True, metadata={"axes": "TYX"})
    torch.manual_seed(0)
    architecture = Architecture(inputs=1, width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                batch=2, learning_rate=0.01)
    Model(UNet(architecture).eval(), plan, flips=False).save("model.safetensors")
    return tmp_path


@pytest.fixture
def slurm(tmp_path, monkeypatch) -> Path:
    """Where what stands for Slurm keeps its jobs."""
    return slurm_commands.install(tmp_path, monkeypatch)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 255, shape).astype(np.uint8)


def asked(text: str) -> Path:
    Path("slurm.yaml").write_text(text)
    return Path("slurm.yaml")


def contents(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_a_file_asks_for_what_dask_jobqueue_takes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    more = "jobs: 3\njob_extra_directives:\n  - --gres=gpu:1\njob_script_prologue: [module load python]\n"
    read = read_slurm_jobs(asked(FILE + more))
    assert (read.jobs, read.workers, read.walltime) == (3, 6, "12:00:00")
    assert read.for_dask == {
        "cores": 2, "memory": "4GB", "walltime": "12:00:00", "processes": 2, "queue": "batch", "account": "lab",
        "job_extra_directives": ["--gres=gpu:1"], "job_script_prologue": ["module load python"], "job_name": "morula",
        "worker_extra_args": ["--lifetime", "42900s", "--lifetime-stagger", "150s", "--no-dashboard"]}
    assert SlurmJobs(cores=1, memory="1 GiB", walltime="1-00:00:10").for_dask["worker_extra_args"][1] == "86110s"


def test_the_script_of_a_job_asks_slurm_for_that(tmp_path, monkeypatch):
    from dask_jobqueue.slurm import SLURMJob

    monkeypatch.chdir(tmp_path)
    more = "job_extra_directives: [--gres=gpu:1]\njob_script_prologue: [module load python]\npython: /env/python\n"
    job = SLURMJob("tls://10.0.0.7:8786", name="a", **read_slurm_jobs(asked(FILE + more)).for_dask)
    lines = [line for line in job.job_script().splitlines() if line]
    assert lines[1:-1] == ["#SBATCH -J morula", "#SBATCH -p batch", "#SBATCH -A lab", "#SBATCH -n 1",
                           "#SBATCH --cpus-per-task=2", "#SBATCH --mem=4G", "#SBATCH -t 12:00:00",
                           "#SBATCH --gres=gpu:1", "module load python"]
    assert lines[-1].startswith("/env/python -m distributed.cli.dask_worker tls://10.0.0.7:8786 --name a --nthreads 1 ")
    assert " --nworkers 2 " in lines[-1]
    assert lines[-1].endswith(" --lifetime 42900s --lifetime-stagger 150s --no-dashboard")


@pytest.mark.parametrize(("text", "words"), [
    (FILE + "projekt: a\nn_cpus: 3\n", r"slurm.yaml: there is no setting called 'projekt', 'n_cpus'. There are jobs,"),
    ("cores: 2\nmemory: 4GB\n", r"slurm.yaml does not say walltime. It should have lines such as cores: 16,"),
    (FILE.replace("12:00:00", "noon"), r"slurm.yaml: walltime should be hours, minutes and .*, but 'noon' was given."),
    (FILE.replace("12:00:00", "00:00:00"), r"walltime should be"),
    (FILE.replace("4GB", "4"), r"slurm.yaml: memory should be a number with its unit, .*, but '4' was given."),
    (FILE.replace("cores: 2", "cores: many"), r"slurm.yaml: cores should be a valid integer.*, but 'many' was given."),
    (FILE.replace("cores: 2", "cores: 0"), r"slurm.yaml: cores should be greater than or equal to 1, but '0' was"),
    ("batch", r"slurm.yaml should have lines such as cores: 16"),
    ("a: [", r"slurm.yaml cannot be read as YAML"),
])
def test_what_a_file_cannot_ask_for_is_said(tmp_path, monkeypatch, text, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match=words):
        read_slurm_jobs(asked(text))


def test_a_file_that_is_not_there_and_a_machine_without_slurm_are_said(here, monkeypatch):
    with pytest.raises(RequestError, match=r"none\.yaml cannot be read as YAML \(No such file"):
        segment("model.safetensors", "images", "out", slurm="none.yaml")
    monkeypatch.setenv("PATH", str(here))
    with pytest.raises(RequestError, match="needs Slurm's sbatch, squeue, scancel, and this machine has none"):
        segment("model.safetensors", "images", "out", slurm=asked(FILE))


@pytest.mark.slow
def test_jobs_that_are_over_are_replaced_and_masks_are_those_of_one_process(here, slurm, monkeypatch):
    monkeypatch.setattr(slurm_jobs, "LOOK", 1)
    segment("model.safetensors", "images", "alone", flips=False)
    killed = []

    def end_the_job(done: int, total: int, words: str) -> None:
        """As when its time is up, without a word to its workers."""
        if "frame 3 of" in words and not killed:
            killed.append(int((slurm / "1.job").read_text()))
            os.killpg(killed[0], signal.SIGKILL)

    segment("model.safetensors", "images", "shared", flips=False, slurm=asked(FILE), progress=end_the_job)
    assert contents("shared") == contents("alone")
    assert len(list(slurm.glob("*.sh"))) == 2
    script = (slurm / "2.sh").read_text()
    for line in ("#SBATCH -p batch", "#SBATCH -A lab", "#SBATCH --cpus-per-task=2", "#SBATCH --mem=4G",
                 "#SBATCH -t 12:00:00", "dask_worker tls://", "--nthreads 1", "--nworkers 2"):
        assert line in script
    assert not list(here.glob(".*"))  # nor certificates
    dask_machines.wait(lambda: jobs_queued() == set())


@pytest.mark.slow
def test_slurm_that_refuses_and_jobs_that_bring_nobody_are_said(here, slurm, monkeypatch):
    (slurm / "refuse").touch()
    with pytest.raises(RequestError, match=r"^Slurm refused a job: sbatch: error: .*Invalid account"):
        segment("model.safetensors", "images", "out", flips=False, slurm=asked(FILE))
    (slurm / "refuse").unlink()
    monkeypatch.setattr(slurm_jobs, "LOOK", 0.2)
    with pytest.raises(RequestError, match=f"{FRUITLESS} jobs of Slurm in a row ended before a worker"):
        segment("model.safetensors", "images", "out", flips=False, slurm=asked(f"{FILE}job_script_prologue: [exit 3]"))
    assert jobs_queued() == set()
