"""How the loss falls while a network learns, as a small drawing."""

from __future__ import annotations

from qtpy.QtCore import QPointF, QSize, Qt
from qtpy.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QWidget

HEIGHT, MARGIN = 110, 8


class LossCurve(QWidget):
    """A line from the first step to the last, in the colours of napari's theme."""

    def __init__(self) -> None:
        super().__init__()
        self._points: list[tuple[int, float]] = []
        self.setMinimumHeight(HEIGHT)

    def clear(self) -> None:
        """Begin again."""
        self._points = []
        self.update()

    def add(self, step: int, loss: float) -> None:
        """One more step, from any thread; one that goes back is the first of another training."""
        earlier = self._points if self._points and step >= self._points[-1][0] else []
        self._points = [*earlier, (step, loss)]

    @property
    def points(self) -> tuple[tuple[int, float], ...]:
        """Steps and losses so far."""
        return tuple(self._points)

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        points = self.points
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        faint = QPen(colour, 1)
        faint.setStyle(Qt.PenStyle.DotLine)
        inside = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        painter.setPen(faint)
        painter.drawLine(inside.bottomLeft(), inside.bottomRight())
        if len(points) < 2:
            return
        last, highest = points[-1][0], max(loss for _, loss in points)
        line = QPolygonF([QPointF(inside.left() + inside.width() * step / last,
                                  inside.bottom() - inside.height() * loss / (highest or 1)) for step, loss in points])
        painter.setPen(QPen(colour, 2))
        painter.drawPolyline(line)
        painter.drawText(inside, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight,
                         f"loss {points[-1][1]:.3f} after {last} steps")
