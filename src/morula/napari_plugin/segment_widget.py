"""The widget *Segment*: a model, an image, and labels come of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magicgui.widgets import ComboBox, Container, PushButton, Select, create_widget
from napari.layers import Labels
from napari.qt.threading import create_worker
from qtpy.QtWidgets import QFileDialog

from morula.errors import MorulaError, RequestError
from morula.images.colours import COLOURS, GREY
from morula.napari_plugin.layer_images import LayerImage, joined_images
from morula.napari_plugin.mask_features import features_of, told_of
from morula.napari_plugin.model_shelf import SHELF
from morula.napari_plugin.placing import place_like
from morula.napari_plugin.work_bar import WorkBar
from morula.progress import Progress

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.viewer import Viewer

    from morula.models.model import Model
    from morula.segmenting.in_memory import SegmentedImage


class SegmentWidget(Container):
    """Labels of an image layer, with how good they probably are."""

    def __init__(self, napari_viewer: Viewer):
        self._viewer = napari_viewer
        self.model = ComboBox(label="Model", choices=lambda _: SHELF.names)
        self.open = PushButton(text="Open a model…")
        self.layers: list[Any] = [_layer_choice("Image")]
        self.choices = Container(widgets=[self.model, *self.layers])
        self.work = WorkBar("Segment")
        self.frames = Select(choices=(), allow_multiple=False, visible=False)
        super().__init__(widgets=[self.open, self.choices, self.work, self.frames], labels=False)
        self.choices.margins = (0, 0, 0, 0)
        self.open.clicked.connect(self._ask_for_model)
        self.model.changed.connect(self._show_channels)
        self.work.start.clicked.connect(self.segment)
        self.frames.changed.connect(self._go_to)
        SHELF.changed.connect(self._choose)
        self.native.destroyed.connect(lambda: SHELF.changed.disconnect(self._choose, missing_ok=True))
        self.native.layout().addStretch()
        self._shown: tuple[Labels, LayerImage] | None = None

    def segment(self) -> None:
        """Make labels of what is chosen."""
        name, chosen = self.model.value, [each.value for each in self.layers]
        if any(layer is None for layer in chosen):
            self.work.say("There is no image yet. Drop one on the window, or take File → Open Sample → Morula.")
            return

        def work(progress: Progress) -> tuple[LayerImage, SegmentedImage, Model]:
            from morula.workflows import segment_array

            progress(0, 0, f"reading the model {name}")
            model = SHELF.model(name)
            wanted = channels_of(model)
            if len(wanted) != len(chosen):
                raise RequestError(f"The model {name} sees the channels {', '.join(wanted)}. Choose a layer for each.")
            shown = joined_images(chosen, model.channels, model.plan.architecture.axes)
            return shown, segment_array(model, shown.image, progress=progress), model

        self.work.run(work, lambda made: self._add(chosen[0], *made))

    def _add(self, layer: ImageLayer, shown: LayerImage, made: SegmentedImage, model: Model) -> None:
        names = () if model.plan.separation else model.classes
        labels = Labels(shown.as_layer(made.masks), name=f"{layer.name} labels", features=features_of(made, names),
                        metadata={"morula": told_of(made)}, **place_like(layer))
        self._viewer.add_layer(labels)
        self._shown = labels, shown
        worst = sorted(made.frames, key=lambda row: row.expected.mean.low if row.expected and row.expected.mean else 0)
        if several := len(worst) > 1:
            self.frames.choices = [(f"frame {row.frame}: {row.in_words}", row.frame) for row in worst]
            flagged = sum(bool(row.flags) for row in worst)
            said = f"{flagged or 'None'} of {len(worst)} frames {'is' if flagged < 2 else 'are'} unusual. Worst first:"
        else:
            said = f"{worst[0].in_words[0].upper()}{worst[0].in_words[1:]}."
        self.work.say("\n".join(filter(None, [made.note, said])))
        self.frames.visible = several

    def _go_to(self, chosen: Sequence[int]) -> None:
        """Show the frame that was chosen, wherever its labels lie among the axes of all layers."""
        if not chosen or self._shown is None:
            return
        labels, shown = self._shown
        steps = shown.step_of(chosen[0])
        world = labels.data_to_world([steps.get(place, 0) for place in range(labels.ndim)])
        for place in steps:
            self._viewer.dims.set_point(self._viewer.dims.ndim - labels.ndim + place, world[place])

    def _choose(self, name: str) -> None:
        self.model.reset_choices()
        self.model.value = name

    def _ask_for_model(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self.native, "A model", "", "Models (*.safetensors)")
        if file:
            SHELF.add(Path(file))

    def _show_channels(self, name: str) -> None:
        """A choice of a layer for each channel of the model."""
        worker = create_worker(_channels_named, name)
        worker.returned.connect(self._ask_for_channels)
        worker.start()

    def _ask_for_channels(self, channels: tuple[str, ...]) -> None:
        if len(channels) == len(self.layers):
            return
        del self.choices[1:]
        self.layers = [_layer_choice(channel if len(channels) > 1 else "Image") for channel in channels]
        self.choices.extend(self.layers)
        self.choices.reset_choices()


def channels_of(model: Model) -> tuple[str, ...]:
    """What layers a model needs: one for each channel, and one for three colours."""
    return ("Image",) if model.channels == COLOURS else model.channels


def _channels_named(name: str) -> tuple[str, ...]:
    """Those of a model on the shelf; of one that cannot be read, which is told when it is used, those of a grey one."""
    try:
        return channels_of(SHELF.model(name))
    except MorulaError:
        return GREY


def _layer_choice(label: str) -> Any:
    return create_widget(annotation="napari.layers.Image", label=label)
