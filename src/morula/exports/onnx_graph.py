"""A network written down as a graph of ONNX, node by node, for images of any size or of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor, fx, nn

from morula.errors import ModelError
from morula.exports.graph_writer import GraphWriter
from morula.exports.operators import FUNCTIONS, LAYERS, OPSET
from morula.networks.tracing import traced

if TYPE_CHECKING:
    import onnx

READ_BY_OLDER_PROGRAMS = 8
"""The version of the file's own layout: the one that came with this opset, which older programs read, too."""
INPUT, OUTPUT = "image", "maps"


def onnx_model(network: nn.Module, inputs: int, maps: int, space: Sequence[str | int]) -> onnx.ModelProto:
    """The whole model, checked.

    Args:
        network: which learns no more, from `(batch, inputs, *space)` to `(batch, maps, *space)`.
        inputs: channels of an image.
        maps: that come out.
        space: each axis by its name where it may have any length, or by its length.

    Raises:
        ModelError: a layer is none of those that are written; it is named.
    """
    from onnx import TensorProto, checker, helper

    graph = GraphWriter(len(space))
    graph.name_last(_written(network, graph), OUTPUT)
    comes, goes = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", count, *space])
                   for name, count in ((INPUT, inputs), (OUTPUT, maps)))
    model = helper.make_model(helper.make_graph(graph.nodes, "network", [comes], [goes], graph.constants),
                              opset_imports=[helper.make_opsetid("", OPSET)], producer_name="Morula",
                              ir_version=READ_BY_OLDER_PROGRAMS)
    checker.check_model(model, full_check=True)
    return model


def _written(network: nn.Module, graph: GraphWriter) -> str:
    """All nodes of a network, in the order in which they are computed; returns the name of what comes out."""
    values: dict[fx.Node, Any] = {}
    for node in traced(network).nodes:
        arguments = fx.map_arg(node.args, values.__getitem__)
        named = fx.map_arg(node.kwargs, values.__getitem__)
        match node.op:
            case "placeholder":
                values[node] = INPUT
            case "get_attr":
                values[node] = _attribute(network, node.target)
            case "output":
                return arguments[0]
            case "call_module" if (kind := type(layer := network.get_submodule(node.target))) in LAYERS:
                values[node] = LAYERS[kind](graph, layer, *arguments)
            case "call_function" if node.target in FUNCTIONS:
                values[node] = FUNCTIONS[node.target](graph, *arguments, **named)
            case "call_method" if isinstance(arguments[0], Tensor):  # of a constant
                values[node] = getattr(arguments[0], node.target)(*arguments[1:], **named)
            case _:
                raise ModelError(f"The network has {_what(network, node)}, which is not among what is written as ONNX. "
                                 "Export it as torchscript, or train a network without it.")
    raise AssertionError("a network gives something")


def _attribute(network: nn.Module, name: str) -> Tensor:
    parent, _, own = name.rpartition(".")
    return getattr(network.get_submodule(parent), own)


def _what(network: nn.Module, node: fx.Node) -> str:
    if node.op == "call_module":
        return f"a layer {type(network.get_submodule(str(node.target))).__name__} ({node.target})"
    return f"a step {getattr(node.target, '__name__', node.target)!r}"
