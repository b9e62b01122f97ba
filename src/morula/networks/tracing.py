"""What a network computes, step by step, found while other threads compute with networks of their own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, get_ident
from typing import Any

from torch import fx, nn

_ONE_AT_A_TIME = Lock()
"""`fx` replaces the call of every module of the process while it follows one: two at once would undo each other's."""


def traced(network: nn.Module) -> fx.Graph:
    """The layers and functions of a network in the order in which they are computed; nothing is computed.

    It is no GraphModule, of which the source would stay in memory until the process ends.

    Args:
        network: in which constants that it makes on its way are kept as attributes from now on.
    """
    with _ONE_AT_A_TIME:
        return _Tracer().trace(network)


class _Tracer(fx.Tracer):
    """Follows what is called in its own thread, and lets all other threads pass."""

    def __init__(self) -> None:
        # Functions of `math`, too, would be replaced for everybody.
        super().__init__(autowrap_modules=())  # pyright: ignore[reportArgumentType]
        self._thread = get_ident()

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...],
                    kwargs: dict[str, Any]) -> Any:
        if get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)
