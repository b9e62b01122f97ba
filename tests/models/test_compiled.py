"""What OpenVINO makes of a network computes the same, in whole numbers too, and tells nobody."""

from __future__ import annotations

import linecache
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from morula.models.compiled import CompiledNetwork, kernel_steps
from morula.models.engines import Engine
from morula.models.quantisation import measure_ranges, rounded
from morula.networks.architecture import Architecture
from morula.networks.blocks import BLOCKS
from morula.networks.fusion import fused
from morula.networks.unet import UNet

HOUSE = Path(__file__).parents[2]


def trained(**architecture) -> UNet:
    """A network whose normalisations have seen something."""
    torch.manual_seed(0)
    network = UNet(Architecture(**{"width": 8, "depth": 3, **architecture}))
    if network.architecture.detail:
        torch.nn.init.normal_(network.detail[1].weight, std=0.3)
    with torch.no_grad():
        for _ in range(20):
            network(noise(network, batch=2))
    return network.eval()


def noise(network: UNet, side: int = 32, batch: int = 1) -> torch.Tensor:
    return torch.randn(batch, network.architecture.inputs, *[side] * network.architecture.axes)


def logits(compiled: CompiledNetwork, images: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(compiled(images.numpy()))


def layers(compiled: CompiledNetwork) -> dict[str, list[str]]:
    """The number formats of the layers of a compiled network, by their kinds."""
    found: dict[str, list[str]] = {}
    for layer in compiled.compiled.get_runtime_model().get_ops():
        facts = layer.get_rt_info()
        found.setdefault(facts["layerType"].astype(str), []).append(facts["runtimePrecision"].astype(str))
    return found


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.slow
def test_every_block_computes_the_same(block, axes):
    network = trained(block=block, axes=axes, inputs=2, outputs=3)
    compiled = CompiledNetwork(fused(network), "f32")
    for side in (16, 32):  # the same for any size
        images = noise(network, side, batch=2)
        with torch.no_grad():
            torch.testing.assert_close(logits(compiled, images), network(images), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("choices", [
    {"skips": "unet++", "attention": True, "down": "convolution", "up": "resize", "join": "sum"},
    {"skips": "unet+", "order": "conv-act-norm", "activation": "mish"},
    {"normalisation": "instance", "activation": "gelu"},
    {"normalisation": "instance", "activation": "leaky_relu", "axes": 3, "up": "resize"},
    {"normalisation": "none", "axes": 1, "up": "resize", "attention": True},
    {"normalisation": "group", "activation": "silu", "deep_supervision": True},
    {"axes": 3, "stem": 2, "detail": 4, "outputs": 3},
])
def test_everything_else_computes_the_same(choices):
    network = trained(**choices)
    images = noise(network)
    with torch.no_grad():
        torch.testing.assert_close(logits(CompiledNetwork(fused(network), "f32"), images), network(images),
                                   rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.slow
def test_eight_bits_round_as_they_do_in_torch(axes, block):
    """The second implementation rounds numbers with fractions, where the first multiplies bytes."""
    rounds_alike(trained(axes=axes, block=block))


@pytest.mark.slow
def test_eight_bits_round_so_where_pixels_are_folded_too():
    rounds_alike(trained(block="residual", stem=2))
    rounds_alike(trained(block="residual", stem=2, detail=4))


def rounds_alike(network: UNet) -> None:
    images = noise(network)
    ranges = measure_ranges(network, [images, noise(network)])
    compiled = CompiledNetwork(fused(network), "f32", ranges)
    with torch.no_grad():
        full, simulated = network(images), rounded(network, ranges, kernel_steps())(images)
    off = (simulated - full).abs().mean()
    assert 0 < off < 0.2 * full.std()
    # A number that lies between two steps may fall either way; from there on, a few others differ too.
    assert (logits(compiled, images) - simulated).abs().mean() < 0.8 * off


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.slow
def test_eight_bits_round_so_without_newer_instructions_too(axes):
    """Processors without VNNI add up products of bytes in 16 bits, which large kernels would overflow."""
    this = [f"{__file__}::{test_eight_bits_round_as_they_do_in_torch.__name__}[{axes}-residual]"]
    done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *this], check=False, text=True,
                          capture_output=True, cwd=HOUSE, env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"})
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("axes", "stem"), [(2, 1), (3, 1), (2, 2)])
def test_every_convolution_multiplies_bytes(axes, stem):
    network = trained(axes=axes, block="residual", stem=stem)
    ranges = measure_ranges(network, [noise(network)])
    formats = layers(CompiledNetwork(fused(network), "f32", ranges))
    assert set(formats["Convolution"]) | set(formats["Deconvolution"]) <= {"u8", "i8"}
    assert set(layers(CompiledNetwork(fused(network), "f32"))["Convolution"]) == {"f32"}


@pytest.mark.parametrize("at_once", [1, 2])
@pytest.mark.parametrize("outputs", [1, 4])
def test_a_compiled_engine_keeps_its_answers_apart(outputs, at_once):
    """Threads share an engine; none may get the answer of another, or one that changes later."""
    network = trained(outputs=outputs)
    engine, plain = (Engine(network, "float32", flips=(0, 1), compiled=compiled, at_once=at_once)
                     for compiled in (True, False))
    images = [noise(network, side) for side in (16, 32, 16, 48) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(engine, images))
    for image, probabilities in zip(images, found, strict=True):
        torch.testing.assert_close(probabilities, plain(image), rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(probabilities.sum(1), torch.ones(1, *image.shape[2:]))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as Linux does")
def test_compiling_leaves_nothing_behind():
    """Two megabytes of weights, thirty times; a copy of each that stayed would be seen."""
    code = ("import resource, torch\n"
            "from morula.models.compiled import CompiledNetwork; from morula.networks.fusion import UNet, fused\n"
            "from morula.networks.architecture import Architecture; torch.set_num_threads(1)\n"
            "network = fused(UNet(Architecture(width=16, depth=4)))\n"
            "peaks = []\n"
            "for time in range(40):\n"
            "    CompiledNetwork(network, 'f32')(torch.zeros(1, 1, 32, 32).numpy())\n"
            "    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
            "print(peaks[-1] - peaks[9])")
    grown = int(subprocess.check_output([sys.executable, "-c", code], cwd=HOUSE))
    assert grown < 20_000  # kB


@pytest.mark.skipif(sys.platform != "linux", reason="code in memory is counted as Linux does")
def test_few_kernels_of_networks_that_are_gone_are_kept():
    """Bytes are rounded in each network as nowhere else, so that its kernels fit no other one; but for those of
    processors with AMX, which are told as they compute, so that such a one is asked for what others have."""
    code = """
import torch
from morula.models.compiled import CompiledNetwork; from morula.networks.fusion import UNet, fused
from morula.models.quantisation import measure_ranges; from morula.networks.architecture import Architecture
torch.set_num_threads(1), torch.manual_seed(0)
network, image = fused(UNet(Architecture(width=8, depth=4)).eval()), torch.randn(1, 1, 32, 32)
ranges = measure_ranges(network, [image])
for time in range(30):
    wider = {name: (low, high * (1 + time / 100)) for name, (low, high) in ranges.items()}
    CompiledNetwork(network, "f32", wider)(image.numpy())
    rows = [line.split() for line in open("/proc/self/maps")]
    ends = [row[0].split("-") for row in rows if "x" in row[1] and row[4] == "0"]
    print(sum(int(end, 16) - int(start, 16) for start, end in ends))
"""
    older = os.environ | {"ONEDNN_MAX_CPU_ISA": os.environ.get("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_VNNI")}
    first, *rest = map(int, subprocess.check_output([sys.executable, "-c", code], cwd=HOUSE, env=older).split())
    assert rest[20] > first
    assert len(set(rest[20:])) == 1


def test_a_network_leaves_no_source_behind():
    """PyTorch keeps that of each `GraphModule` until the process ends."""
    network = fused(trained())
    CompiledNetwork(network, "f32")  # for which modules are loaded
    before = set(linecache.cache)
    CompiledNetwork(network, "f32")
    assert set(linecache.cache) == before


def test_eight_bits_are_for_networks_with_known_ranges():
    network = trained()
    ranges = measure_ranges(network, [noise(network)])
    assert Engine(network, "int8", compiled=True, ranges=ranges).number_format == "int8"
    assert Engine(network, "int8", compiled=True).number_format != "int8"
    assert Engine(network, "float32", compiled=True, ranges=ranges).number_format == "float32"


def test_bytes_that_compute_something_else_are_not_used():
    network = trained()
    with torch.no_grad():
        network.head.weight *= 20  # so that each pixel is surely one or the other
    nothing_fits = dict.fromkeys(measure_ranges(network, [noise(network)]), (0.0, 1e-6))
    engine = Engine(network, "int8", compiled=True, ranges=nothing_fits)
    assert engine.number_format != "int8"
    image = noise(network)
    assert (engine(image) - Engine(network, "float32")(image)).abs().mean() < 0.02


def test_without_the_library_the_answers_are_the_same(monkeypatch):
    network = trained()
    ranges = measure_ranges(network, [noise(network)])
    compiled = Engine(network, "float32", compiled=True)
    monkeypatch.setitem(sys.modules, "openvino", None)  # as if it were not installed
    alone = Engine(network, "float32", compiled=True)
    image = noise(network, 48)
    torch.testing.assert_close(alone(image), compiled(image), rtol=1e-3, atol=1e-4)
    assert Engine(network, "int8", compiled=True, ranges=ranges).number_format != "int8"


def test_nobody_is_told():
    """The library's own import opens a connection to report its use; with ours it has nothing to open one with."""
    code = """
import socket, sys
def refuse(*arguments): sys.exit("a connection was opened")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from morula.models.engines import Engine
from morula.networks.unet import UNet
from morula.networks.architecture import Architecture
engine = Engine(UNet(Architecture(width=4, depth=2)).eval(), compiled=True)
assert "openvino" in sys.modules
assert sys.modules["openvino_telemetry"] is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)
