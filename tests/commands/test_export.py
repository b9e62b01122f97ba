"""Typed: a model becomes files for other programs, whole or not at all, and bad requests are said in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

import morula
from morula.models.builtin import model_file

MAKERS = ("--authors", "Ada Lovelace (ada)", "--license", "CC-BY-4.0")


def test_the_built_in_model_becomes_onnx_with_a_page(run, tmp_path):
    done = run("export", "gastruloid", "--to", "onnx", "--out", tmp_path / "new" / "gastruloid.onnx")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"gastruloid.onnx", "gastruloid.onnx.md"}
    assert "gastruloid.onnx.md" in done.output
    session = onnxruntime.InferenceSession(tmp_path / "new" / "gastruloid.onnx")
    maps = session.run(None, {"image": np.zeros((1, 1, 128, 112), np.float32)})[0]
    assert maps.shape == (1, 3, 128, 112)
    assert np.allclose(maps.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("target", "ending"), [("torchscript", ".pt"), ("bioimageio", ".zip")])
def test_it_becomes_the_other_forms(run, tmp_path, target, ending):
    pages = [] if target == "bioimageio" else ["g.pt.md"]
    done = run("export", "gastruloid", "--to", target, "--out", tmp_path / f"g{ending}", *(() if pages else MAKERS))
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([f"g{ending}", *pages])


@pytest.mark.parametrize(("words", "said"), [
    (("--to", "onnx", "--out", "model.zip"), "should end in .onnx"),
    (("--to", "onnx", "--out", "model.onnx", "--size", "100"), "such as 112 or 128"),
    (("--to", "bioimageio", "--out", "model.zip"), "--authors"),
    (("--to", "bioimageio", "--out", "model.zip", *MAKERS[:3], "Nobody-1.0"), "license"),
    (("--to", "keras", "--out", "model.h5"), "onnx"),
    (("--out", "mo\ndel.onnx"), "line break"),
    (("--out", "model.onnx", "--size", "words"), "--size takes a number of pixels"),
    (("--out", "model.onnx", "--size", "128,words"), "'128,words' was given"),
    (("--to", "torchscript", "--out", "model.pt", "--size", "1000000"), "the most that is exported"),
    (("--to", "torchscript", "--out", "model.zip"), "or give --to bioimageio"),
    (("--out", "model.h5"), ".onnx (onnx), .pt (torchscript), .zip (bioimageio), .pt2 (pt2)"),
    (("--out", "model.pt", *MAKERS), "--authors, --license can be said in a package alone"),
    (("--out", "model.zip", *MAKERS[:2], "--license", ""), "Give --authors"),
])
def test_what_cannot_be_is_said_and_leaves_nothing(run, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    done = run("export", "gastruloid", *words)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())
    assert list(tmp_path.iterdir()) == []


def test_the_ending_says_what_it_becomes(run, tmp_path):
    done = run("export", "gastruloid", "--out", tmp_path / "g.PT", "--size", "Dynamic")
    assert done.exit_code == 0, done.output
    torch.jit.load(tmp_path / "g.PT")
    assert "torch.jit.load" in (tmp_path / "g.PT.md").read_text(encoding="utf-8")


def test_what_is_there_is_kept_until_it_may_be_overwritten(run, tmp_path):
    for there in ("model.onnx", "model.onnx.md"):
        (tmp_path / there).write_text("mine")
        done = run("export", "gastruloid", "--out", tmp_path / "model.onnx")
        assert done.exit_code == 2
        assert f"{there} exists already" in done.output.replace("\n", "")
        assert (tmp_path / there).read_text() == "mine"
        (tmp_path / there).unlink()
    (tmp_path / "model.onnx").write_text("mine")
    assert run("export", "gastruloid", "--out", tmp_path / "model.onnx", "--overwrite").exit_code == 0
    assert (tmp_path / "model.onnx").stat().st_size > 1_000_000


@pytest.mark.parametrize("to", ["torchscript", "onnx", "pt2", "bioimageio"])
@pytest.mark.parametrize("linked", [False, True])
def test_a_model_is_never_written_over(run, tmp_path, to, linked):
    """Neither the one that is exported nor another, by its name or through a link."""
    ending = {"torchscript": "pt", "onnx": "onnx", "pt2": "pt2", "bioimageio": "zip"}[to]
    own = tmp_path / (f"own.{ending}" if not linked else "own.safetensors")
    whole = model_file("gastruloid").read_bytes()
    own.write_bytes(whole)
    out = tmp_path / f"own.{ending}"
    if linked:
        out.symlink_to(own)
    for model in (own, "gastruloid"):
        for more in ((), ("--overwrite",)):
            done = run("export", model, "--to", to, "--out", out, *(MAKERS if to == "bioimageio" else ()), *more)
            assert done.exit_code == 2
            assert "is a model of Morula" in " ".join(done.output.split())
    assert out.is_symlink() == linked
    assert own.read_bytes() == whole


def test_a_damaged_model_becomes_nothing(run, tmp_path):
    whole = Path(model_file("gastruloid")).read_bytes()
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(whole[:-1000] + bytes(1000))
    done = run("export", damaged, "--out", tmp_path / "model.onnx")
    assert done.exit_code == 2
    assert "damaged" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.safetensors"]


def test_in_python_it_is_the_same(tmp_path):
    exported = morula.export("gastruloid", tmp_path / "model.pt", to="torchscript")
    assert exported.page == tmp_path / "model.pt.md"
    assert exported.size == (tmp_path / "model.pt").stat().st_size
