"""The widget *Train*: an image and labels, or two folders, and a model comes of it in minutes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from magicgui.types import FileDialogMode
from magicgui.widgets import CheckBox, ComboBox, Container, FileEdit, FloatSpinBox, create_widget

from morula.napari_plugin.layer_pairs import write_pairs
from morula.napari_plugin.loss_curve import LossCurve
from morula.napari_plugin.model_shelf import SHELF
from morula.napari_plugin.training_run import TrainedHere, run_training
from morula.napari_plugin.work_bar import WorkBar
from morula.progress import Progress

if TYPE_CHECKING:
    from napari.viewer import Viewer

LAYERS, FOLDERS = "layers", "folders"
LABELS_ARE = {
    "outlines or classes": {},
    "numbered objects": {"read_masks_as": "objects"},
    "objects, kept apart": {"read_masks_as": "objects", "objects": True},
}
"""What labels mean, and how it is said to `morula.train`."""


class TrainWidget(Container):
    """A model of what is drawn."""

    def __init__(self, napari_viewer: Viewer):
        self._viewer = napari_viewer
        self.source = ComboBox(label="Learn from", choices=(LAYERS, FOLDERS), value=LAYERS)
        self.image: Any = create_widget(annotation="napari.layers.Image", label="Image")
        self.drawn: Any = create_widget(annotation="napari.layers.Labels", label="Labels")
        self.images = FileEdit(label="Images", mode=FileDialogMode.EXISTING_DIRECTORY, visible=False)
        self.masks = FileEdit(label="Masks", mode=FileDialogMode.EXISTING_DIRECTORY, visible=False)
        self.meaning = ComboBox(label="Labels are", choices=tuple(LABELS_ARE))
        self.volumes = CheckBox(text="learn volumes, not planes")
        self.minutes = FloatSpinBox(label="Minutes", value=2.0, min=0.1, max=600.0, step=1.0)
        self.out: Any = FileEdit(label="Save as", mode=FileDialogMode.OPTIONAL_FILE, value=next_free(Path.home()),
                                 filter="Models (*.safetensors)")
        self.choices = Container(widgets=[self.source, self.image, self.drawn, self.images, self.masks, self.meaning,
                                          self.volumes, self.minutes, self.out])
        self.work = WorkBar("Train")
        super().__init__(widgets=[self.choices, self.work], labels=False)
        self.choices.margins = (0, 0, 0, 0)
        self.curve = LossCurve()
        self.curve.hide()
        self.native.layout().addWidget(self.curve)
        self.native.layout().addStretch()
        self.work.watching = self.curve.update
        self.source.changed.connect(self._show_source)
        self.image.changed.connect(self._look_at_axes)
        self.work.start.clicked.connect(self.train)

    def train(self) -> None:
        """Learn from what is chosen."""
        if self.out.value.exists():
            self.work.say(f"{self.out.value} exists already. Choose another name under Save as.")
            return
        asked: dict[str, Any] = {"out": str(self.out.value), "minutes": self.minutes.value,
                                 **LABELS_ARE[self.meaning.value]}
        if self.source.value == FOLDERS:
            def work(progress: Progress) -> TrainedHere:
                return run_training({**asked, **folders}, progress, self.curve.add)

            folders = {"images": str(self.images.value), "masks": str(self.masks.value)}
        else:
            image, labels, axes = self.image.value, self.drawn.value, 3 if self.volumes.value else 2
            if image is None or labels is None:
                missing = "image" if image is None else "labels layer"
                self.work.say(f"There is no {missing} yet. Drop an image on the window, add a labels layer, and paint "
                              "what you study with the brush.")
                return

            def work(progress: Progress) -> TrainedHere:
                with TemporaryDirectory() as folder:
                    pairs = write_pairs(image, labels, axes, Path(folder), progress)
                    return run_training({**asked, "images": str(pairs.images), "masks": str(pairs.masks)}, progress,
                                        self.curve.add)

        self.curve.clear()
        self.curve.show()
        self.work.run(work, self._keep)

    def _keep(self, trained: TrainedHere) -> None:
        name = SHELF.add(trained.model)
        steps, judged = trained.summary["training"], trained.summary["validation"]
        self.work.say(f"Done, after {steps}: {judged}.\nThe widget Segment has the model {name} now.")
        self.out.value = next_free(trained.model.parent)

    def _show_source(self, source: str) -> None:
        for widget, wanted in ((self.image, LAYERS), (self.drawn, LAYERS), (self.volumes, LAYERS),
                               (self.images, FOLDERS), (self.masks, FOLDERS)):
            widget.visible = source == wanted

    def _look_at_axes(self, image: Any) -> None:
        self.volumes.value = image is not None and "z" in image.axis_labels


def next_free(folder: Path) -> Path:
    """A name for a model that no file has.

    >>> next_free(Path("nowhere")).name
    'model.safetensors'
    """
    names = ("model.safetensors", *(f"model {number}.safetensors" for number in range(2, 10_000)))
    return next(folder / name for name in names if not (folder / name).exists())
