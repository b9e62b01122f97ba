"""The channels of pictures with and without colours."""

from __future__ import annotations

COLOURS = ("red", "green", "blue")
"""Those of a colour picture."""
GREY = ("grey",)
"""That of a picture without colours."""
LUMA = (0.299, 0.587, 0.114)
"""How much each of the colours counts in how bright a pixel is (ITU-R BT.601)."""
