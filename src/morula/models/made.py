"""How a model was made, as its file tells it: what others rely on in its record, and that it is so."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from morula.checks.data_settings import DataSettings
from morula.measures.intervals import Calibration
from morula.pairs.masks import MaskReading
from morula.scores.estimate import Estimate
from morula.scores.learning_curve import LearningCurve

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Row = tuple[str, str]
Point = tuple[float, float, float]


class _Told(BaseModel):
    """What a record must hold; it may hold more, which later versions say."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)


class _File(_Told):
    name: str
    image: str
    mask: str
    frame: Count


class _Class(_Told):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    iou: Share | None
    dice: Share | None
    boundary_mean: float | None = None
    boundary_95: float | None = None
    images: Count = 0


class _Scores(_Told):
    pixel_accuracy: Share | None
    mean_iou: Share | None
    foreground_iou: Share | None
    unit: str
    classes: dict[str, _Class]
    confusion: list[list[Count]]


class _ImageScores(_Scores):
    name: str


class _AllScores(_Scores):
    images: list[_ImageScores]
    names: list[str]

    @model_validator(mode="after")
    def _named(self) -> Self:
        if len(self.names) != len(self.classes):
            raise ValueError(f"{len(self.names)} names do not fit the scores of {len(self.classes)} classes")
        return self


class _Half(_Told):
    f1: Share | None


class _Thresholds(_Told):
    half: _Half = Field(alias="0.50")


class _Objects(_Told):
    thresholds: _Thresholds
    true: Count
    predicted: Count
    mean_average_precision: Share | None
    panoptic_quality: Share | None


class _Judged(_Told):
    frames: Count
    learned_from: list[Count]
    temperature: float
    calibration_error: tuple[float, float]
    reliability: tuple[list[Point], list[Point]]
    mean_error: float
    covered: Share
    estimates: list[Point]


class _NotJudged(_Told):
    model_config = ConfigDict(extra="forbid")

    reason: str


class _Doubted(_Told):
    frame: str
    words: str
    wrong: Share


class _SecondLook(_Told):
    listed: list[_Doubted]
    sentences: Annotated[list[str], Field(min_length=1)]


class _Step(_Told):
    step: Count
    loss: float | None = None
    validation_iou: Share | None = None
    seconds: float | None = None


class _Seed(_Told):
    seed: int


class _Earlier(_Told):
    model: str
    sentence: str
    kept: list[str]


class _Record(_Told):
    made: str
    versions: dict[str, str]
    processor: str
    data: list[Row]
    findings: list[Row]
    split_by_group: bool
    training_frames: list[str]
    validation_frames: list[str]
    validation_files: list[_File]
    reading: MaskReading
    data_settings: DataSettings
    settings: _Seed
    steps_done: Count
    seconds: Annotated[float, Field(ge=0)]
    parts: dict[str, float] = Field(default_factory=dict)
    history: list[_Step]
    validation: _AllScores | None
    validation_objects: _Objects | None = None
    quality: _Judged | _NotJudged | None = None
    second_look: _SecondLook | None = None
    earlier: _Earlier | None = None
    begun_with: str | None = None
    estimate: Estimate | None = None
    learning_curve: LearningCurve | None = None
    outlines: Calibration | None = None
    card: list[str] = Field(default_factory=list)


TRAINED = "training_frames"
"""What the record of a training has, and no other."""


def check_record(record: Any) -> None:
    """Refuse a record that others could not rely on: whatever it tells is so, and that of a training tells all.

    Raises:
        ValueError: something is missing, or is not what it should be.
    """
    try:
        _Record.model_validate(record)
    except ValidationError as error:
        whole = not isinstance(record, dict) or record.keys() & {TRAINED, "validation_files"}
        for wrong in error.errors(include_url=False):
            if whole or wrong["type"] != "missing" or len(wrong["loc"]) > 1:
                raise ValueError(f"its record, {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from error
