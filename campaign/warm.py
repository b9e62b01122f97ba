"""Loads what the works need, once, in the process from which all attempts are forked.

What every process looks for among its libraries is looked for here, too, so that it is not taken for a stranger's code.
"""

import matplotlib.figure
import onnx
import openvino
import skimage.measure
import sklearn.ensemble
import torch

import morula.cli
import morula.learning.loop
import morula.projects.annotation
import morula.projects.changes
import morula.segmenting.stream
import morula.workflows.evaluating
import morula.workflows.exporting
import morula.workflows.measuring
from morula.machine.threads import leave_cores_to_torch

LOADED = (matplotlib.figure, onnx, openvino, skimage.measure, sklearn.ensemble, torch, morula)

leave_cores_to_torch()
