"""What the benchmarks share: the limits of the machine, drawn frames, a trained model; and what is kept of a run."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

import morula
from morula.workflows.drawing import DrawingSettings, Drawn, draw

LIBRARIES = ("morula", "torch", "openvino", "numpy", "monai")


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """300 drawn gastruloids of 160 × 160 to learn from."""
    return draw("gastruloids", tmp_path_factory.mktemp("known"), DrawingSettings(count=300, movies=30, seed=1))


@pytest.fixture(scope="session")
def new(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """90 frames of other movies, to be scored on."""
    return draw("gastruloids", tmp_path_factory.mktemp("new"), DrawingSettings(count=90, movies=9, seed=2))


@pytest.fixture(scope="session")
def model(known: Drawn, tmp_path_factory: pytest.TempPathFactory) -> morula.Model:
    """A model as it is planned for minutes of training."""
    path = tmp_path_factory.mktemp("model") / "gastruloid.safetensors"
    return morula.train(known.images, known.masks, path, minutes=0.75).model


def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict) -> None:
    """The kind of machine and the libraries; not whose machine it is."""
    processor = machine_info["cpu"].get("brand_raw", "")
    able = [name for name, has in torch.cpu.get_capabilities().items() if has is True]
    machine_info.clear()
    machine_info.update(
        processor=processor, cores=os.cpu_count(), threads=torch.get_num_threads(), instructions=able,
        versions={name: version(name) for name in LIBRARIES},
    )


def pytest_benchmark_update_json(config: pytest.Config, benchmarks: list, output_json: dict) -> None:
    """Medians and what was noted beside them."""
    output_json.pop("commit_info", None)
    for each in output_json["benchmarks"]:
        stats = each.pop("stats")
        for name in ("options", "params", "param", "fullname"):
            each.pop(name, None)
        each.update(median=stats["median"], rounds=stats["rounds"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The short ones first, so that a mistake shows early."""
    order = ["limits", "start", "inference", "training", "memory", "accuracy", "segment"]
    items.sort(key=lambda item: order.index(Path(item.fspath).stem.removeprefix("bench_")))
