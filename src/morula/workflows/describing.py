"""What is in a model, in words and in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.errors import RequestError
from morula.settings import with_fields
from morula.whereabouts import as_path

if TYPE_CHECKING:
    from morula.models.segment_settings import FeatureSettings


def info(
    model: str | Path,
    settings: FeatureSettings | None = None,
    *,
    plot: str | Path | None = None,
    features: str | Path | None = None,
    image: str | Path | None = None,
    **fields: Any,
) -> tuple[tuple[str, str], ...]:
    """What is in a model file, where it came from and how good it was, as rows of label and value.

    Args:
        model: the model file.
        settings: how `image` is read, and which layers are shown.
        plot: where to draw the network, an .svg, .png or .pdf file.
        features: where to draw what layers see in `image`, likewise.
        image: the file of an image to look at.
        fields: single values of `FeatureSettings`, over those of `settings`.

    Raises:
        ModelError: the model file cannot be used, or its self-test fails; or the image does not fit it.
        RequestError: only one of `features` and `image` is given; a layer is unknown; a name says no kind of picture.
    """
    from morula.models.model import Model
    from morula.models.segment_settings import FeatureSettings
    from morula.reports.contents import describe_model
    from morula.reports.feature_sheet import draw_features
    from morula.reports.network_plot import draw_network
    from morula.segmenting.incoming import open_for

    (settings,) = with_fields(fields, settings or FeatureSettings())
    if (features is None) != (image is None):
        raise RequestError("What layers see is drawn with both --features, the picture to write, and --image, the "
                           "image to look at.")
    known = Model.load(model)
    if plot is not None:
        draw_network(known.plan.architecture, known.plan.patch, Path(plot))
    if features is not None and image is not None:
        draw_features(known, open_for(known.plan, as_path(image), settings), Path(features), settings.layers or ())
    return (*describe_model(known), ("self-test", "passed: it computes what it did when it was saved"))
