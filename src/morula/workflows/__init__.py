"""One function a verb, for the command line and for Python alike.

A workflow takes paths and settings, returns a named result, reports its progress through a plain callable
`progress(done, total, words)`, and prints nothing. Each field of its settings may also be given by its own
name, as on the command line: `train(images, masks, minutes=3)` is `morula train IMAGES MASKS --minutes 3`.
"""

from morula.workflows.arrays import evaluate_array, measure_array, segment_array
from morula.workflows.checking import check
from morula.workflows.converting import convert
from morula.workflows.demonstration import Demo, demo
from morula.workflows.describing import info
from morula.workflows.drawing import DrawingSettings, Drawn, draw
from morula.workflows.evaluating import evaluate
from morula.workflows.exporting import Exported, export
from morula.workflows.measuring import measure
from morula.workflows.plotting import Plotted, plot
from morula.workflows.proofreading import Proofread, proofread
from morula.workflows.reporting import report
from morula.workflows.segmenting import segment
from morula.workflows.suggesting import Suggested, suggest
from morula.workflows.tracking import track
from morula.workflows.training import Training, train

__all__ = [
    "Demo", "DrawingSettings", "Drawn", "Exported", "Plotted", "Proofread", "Suggested", "Training",
    "check", "convert", "demo", "draw", "evaluate", "evaluate_array", "export", "info", "measure", "measure_array",
    "plot", "proofread", "report", "segment", "segment_array", "suggest", "track", "train",
]
