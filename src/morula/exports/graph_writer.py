"""Nodes and constants of a graph of ONNX, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    import onnx


class GraphWriter:
    """What has been written of a graph so far.

    Attributes:
        axes: the number of spatial axes.
    """

    def __init__(self, axes: int):
        self.axes = axes
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str | Tensor, **attributes: Any) -> str:
        """A node; returns the name of what it gives. Tensors that come in become constants."""
        return self.add_several(1, operator, *inputs, **attributes)[0]

    def add_several(self, count: int, operator: str, *inputs: str | Tensor, **attributes: Any) -> list[str]:
        """The same of a node that gives several."""
        from onnx import helper

        name = f"{operator.lower()}_{len(self.nodes)}"
        given = [f"{name}_{place}" for place in range(count)] if count > 1 else [name]
        taken = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        self.nodes.append(helper.make_node(operator, taken, given, name, **attributes))
        return given

    def name_last(self, found: str, name: str) -> None:
        """Call what the last node gives by a name."""
        assert self.nodes[-1].output[0] == found
        self.nodes[-1].output[0] = name

    def _constant(self, tensor: Tensor) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(tensor.detach().cpu().numpy(), name))
        return name
