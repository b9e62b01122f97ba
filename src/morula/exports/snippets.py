"""Code that uses an exported model in other languages, with this model's own numbers in it.

What it does is the same in each: normalise, compute, decide. In Python it also mirrors an image at its ends up to a
size that the network takes, and cuts the maps back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Template

from morula.exports.export_settings import Target
from morula.exports.onnx_graph import INPUT
from morula.exports.quoting import in_comment, with_backslashes, with_doubled_quotes
from morula.exports.usage import THRESHOLD, Usage
from morula.plurals import listed

PYTHON = Template('''\
import numpy as np
import tifffile
import $library

pixels = tifffile.imread("image.tif").astype("float32")  # ($stored)
pixels = $channel_first
over = $over  # the axes whose numbers are normalised together
low, high = np.percentile(pixels, [$low, $high], axis=over, keepdims=True)
pixels = np.clip(pixels, low, high)
deviation = pixels.std(axis=over, keepdims=True)
pixels = (pixels - pixels.mean(axis=over, keepdims=True)) / np.where(deviation > 0, deviation, 1)
space = pixels.shape[1:]
$sides
pixels = np.pad(pixels, [(0, 0), *((0, side - length) for side, length in zip(sides, space))], mode="symmetric")
batch = pixels[None].astype("float32")
$computed
maps = maps[(slice(None), *map(slice, space))]  # $maps
mask = $decided
tifffile.imwrite("mask.tif", mask.astype("uint8"))
''')

WOLFRAM = Template('''\
net = Import[$file, {"ONNX", "Net"}];
normalised[x_] := Module[{low, high, y, mean, deviation},
  {low, high} = Quantile[Flatten[x], {$low, $high}/100, {{1, -1}, {0, 1}}];
  y = Clip[x, {low, high}];
  mean = Mean[Flatten[y]];
  deviation = Sqrt[Mean[(Flatten[y] - mean)^2]];
  (y - mean)/If[deviation > 0, deviation, 1]];
channels = ImageData /@ ColorSeparate[Import["image.tif"]];  (* $channels; of $sides_in_words pixels *)
maps = Normal[net[$normalised]];  (* $maps *)
mask = $decided;
''')

MATLAB = Template('''\
net = importNetworkFromONNX($file, InputDataFormats="BC$letters", OutputDataFormats="BC$letters");
pixels = single($read);  % $channels; of $sides_in_words pixels
for c = $each
    x = pixels($place);
    sorted = sort(double(x(:)));
    ends = interp1(sorted, 1 + (numel(sorted) - 1) * [$low $high] / 100);
    x = min(max(x, ends(1)), ends(2));
    deviation = std(x(:), 1);
    pixels($place) = (x - mean(x(:))) / (deviation + (deviation == 0));
end
maps = extractdata(predict(net, dlarray(pixels, "${letters}CB")));  % $maps
$decided
''')

JAVA = Template('''\
// With com.microsoft.onnxruntime. The pixels, normalised as above, are a float[]: $channels, row by row.
try (OrtEnvironment environment = OrtEnvironment.getEnvironment();
     OrtSession session = environment.createSession($file);
     OnnxTensor image = OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels), new long[]{1, $count, $lengths});
     OrtSession.Result result = session.run(Map.of("$input", image))) {
    FloatBuffer maps = ((OnnxTensor) result.get(0)).getFloatBuffer();  // $maps, one after the other
}
''')


def with_onnxruntime(usage: Usage, file: str) -> str:
    """Python with ONNX Runtime, from the file of an image to that of its mask."""
    return _python(usage, "onnxruntime", f'session = onnxruntime.InferenceSession({with_backslashes(file)})\n'
                                         f'[[maps]] = session.run(None, {{"{INPUT}": batch}})')


def with_opencv(usage: Usage, file: str) -> str:
    """The same with OpenCV."""
    return _python(usage, "cv2", f'network = cv2.dnn.readNetFromONNX({with_backslashes(file)})\n'
                                 "network.setInput(batch)\n[maps] = network.forward()")


def with_torchscript(usage: Usage, file: str) -> str:
    """The same with PyTorch and TorchScript."""
    return _python(usage, "torch", f'network = torch.jit.load({with_backslashes(file)})\n'
                                   "maps = network(torch.from_numpy(batch))[0].numpy()")


def with_program(usage: Usage, file: str) -> str:
    """The same with PyTorch and an exported program."""
    return _python(usage, "torch", f'network = torch.export.load({with_backslashes(file)}).module()\n'
                                   "maps = network(torch.from_numpy(batch))[0].numpy()")


def with_wolfram(usage: Usage, file: str) -> str:
    """Wolfram Language."""
    several = f"MapThread[First[Ordering[{{##}}, -1]] - 1 &, maps[[1 ;; {_classes(usage)}]], {len(usage.axes)}]"
    return WOLFRAM.substitute(
        _told(usage), file=with_backslashes(file),
        normalised="normalised[channels]" if usage.together else "normalised /@ channels",
        decided=f"UnitStep[maps[[1]] - {THRESHOLD}]" if _lone(usage) else several)


def with_matlab(usage: Usage, file: str) -> str:
    """MATLAB, whose last axis is that of the channels."""
    space, last = ":, " * len(usage.axes), len(usage.axes) + 1
    several = f"[~, mask] = max(maps({space}1:{_classes(usage)}), [], {last}); mask = mask - 1;"
    return MATLAB.substitute(
        _told(usage), file=with_doubled_quotes(file), letters="S" * len(usage.axes),
        read={2: 'imread("image.tif")', 3: 'permute(tiffreadVolume("image.tif"), [3 1 2])'}[len(usage.axes)],
        each="1" if usage.together else f"1:{len(usage.channels)}", place=":" if usage.together else f"{space}c",
        decided=f"mask = maps({space}1) >= {THRESHOLD};" if _lone(usage) else several)


def with_java(usage: Usage, file: str) -> str:
    """Java with ONNX Runtime: the part that computes."""
    lengths = ", ".join({"z": "slices", "y": "rows", "x": "columns"}[axis] for axis in usage.axes)
    return JAVA.substitute(_told(usage), file=with_backslashes(file), input=INPUT, count=len(usage.channels),
                           lengths=lengths)


Snippet = Callable[[Usage, str], str]
SNIPPETS: Mapping[Target, Mapping[str, Snippet]] = {
    "onnx": {"Python": with_onnxruntime, "OpenCV": with_opencv, "Wolfram Language": with_wolfram, "MATLAB": with_matlab,
             "Java": with_java},
    "torchscript": {"Python": with_torchscript},
    "pt2": {"Python": with_program},
    "bioimageio": {},
}
"""What uses which file, by language; OpenCV's networks see planes only. Programs know packages by themselves."""


def _python(usage: Usage, library: str, computed: str) -> str:
    several, axes = len(usage.channels) > 1, len(usage.axes)
    return PYTHON.substitute(
        _told(usage), library=library, computed=computed, stored=", ".join([*usage.axes, *["channel"] * several]),
        channel_first="np.moveaxis(pixels, -1, 0)" if several else "pixels[None]",
        over=tuple(range(0 if usage.together else 1, axes + 1)),
        sides=_only_size(usage) if usage.space else
        f"sides = [{', '.join(map(_side, usage.least, usage.step, range(axes)))}]",
        decided=f"maps[0] >= {THRESHOLD}" if _lone(usage) else f"maps[:{_classes(usage)}].argmax(axis=0)")


def _side(least: int, step: int, axis: int) -> str:
    return f"max({least}, -(-space[{axis}] // {step}) * {step})"


def _only_size(usage: Usage) -> str:
    return (f"sides = {usage.space}\nif any(length > side for length, side in zip(space, sides)):\n"
            f'    raise SystemExit("The model takes images up to {usage.sides_in_words} pixels: '
            'cut larger ones into pieces.")')


def _told(usage: Usage) -> dict[str, object]:
    """What is the same in all languages."""
    return {"low": f"{usage.intensity.low:g}", "high": f"{usage.intensity.high:g}",
            "maps": in_comment(listed(usage.maps)), "channels": in_comment(listed(usage.channels)),
            "sides_in_words": usage.sides_in_words}


def _lone(usage: Usage) -> bool:
    return len(usage.classes) == 1


def _classes(usage: Usage) -> int:
    """Maps of classes, that of the background among them."""
    return len(usage.classes) + 1
