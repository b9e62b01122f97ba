"""Loads what the works need, once, in the process from which all attempts are forked."""

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

LOADED = (matplotlib.figure, onnx, openvino, skimage.measure, sklearn.ensemble, torch, morula)
