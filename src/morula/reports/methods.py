"""The paragraph on segmentation for a paper's methods section, with the true numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.objects.separation import Separation
from morula.progress import duration
from morula.reports.terms import TERMS, Terms, loss_in_words, network_in_words
from morula.scores.compare import ClassScores, Scores
from morula.scores.estimate import LEVEL, Estimate


@dataclass(frozen=True)
class TrainingFacts:
    """What a methods section says of a training, beside its plan.

    Attributes:
        plan: what was decided before.
        frames: annotated frames trained on.
        validation_frames: annotated frames kept back to judge the network by.
        groups: whether frames of one group (a movie, a well) were kept on the same side.
        parameters: weights of the network.
        steps: optimisation steps done.
        seconds: the time they took.
        processor: what they ran on.
        validation_iou: of the network, on the validation frames.
        seed: of every random choice.
        earlier: the fingerprint of the model whose weights it began with, if it did.
        start: the name of the weights learned from drawings that it began with, if it did.
        estimate: scores of groups that were left out of trainings of the same kind, if there were any.
    """

    plan: Plan
    frames: int
    validation_frames: int
    groups: bool
    parameters: int
    steps: int
    seconds: float
    processor: str
    validation_iou: float
    seed: int
    earlier: str | None = None
    start: str | None = None
    estimate: Estimate | None = None


def methods_paragraph(
    versions: Mapping[str, str],
    training: TrainingFacts | None = None,
    scores: Scores | None = None,
    *,
    axes: int = 2,
    held_out: bool = False,
) -> str:
    """Sentences to paste into a paper: software, training where there was one, scores where there are some.

    Args:
        versions: of the software by its name, ours first, such as `{"Morula": "0.1.0", "PyTorch": "2.13.0"}`.
        training: how the model was made; without it, nothing is claimed about where the masks come from.
        scores: what the masks were found to be worth.
        axes: the number of spatial axes of the images.
        held_out: whether the scored images are known to have taken no part in the training.
    """
    first, *others = (f"{name} {version}" for name, version in versions.items())
    software = f"{first} ({', '.join(others)})" if others else first
    sentences = [f"{'Images were segmented' if training else 'Masks were scored'} with {software}."]
    terms = TERMS[axes]
    if training:
        sentences += _training_sentences(training, terms)
    if scores:
        sentences += _score_sentences(scores, terms, held_out)
    return " ".join(sentences)


def _training_sentences(training: TrainingFacts, terms: Terms) -> list[str]:
    plan = training.plan
    return [
        f"{_network(plan.architecture)} ({training.parameters:,} parameters) was trained on {training.frames:,} "
        f"annotated {terms.image}s"
        + (f", with {training.validation_frames:,} more for validation" if training.validation_frames else "")
        + (f"; {terms.image}s of one group were never split between the two." if training.groups else "."),
        *([f"Training began with the weights of an earlier model ({training.earlier})."] if training.earlier else []),
        *([f"Training began with weights learned from drawn images ({training.start})."] if training.start else []),
        _preparation(plan, terms),
        f"In each of {training.steps:,} steps, {plan.batch_sizes} patches of {_sizes(plan.patch)} {terms.pixel}s"
        f"{_variation(plan.augmentation)} were shown, and {loss_in_words(plan.loss)}{_weighted(plan)} was "
        f"minimised with Muon for the kernels and AdamW for all other weights; this took "
        f"{duration(training.seconds)} on {training.processor} (seed {training.seed}).",
        *_repeated(plan, terms),
        f"The average of the weights over the last steps was used, with an intersection over union of "
        f"{training.validation_iou:.3f} on the {'validation' if training.validation_frames else 'training'} "
        f"{terms.image}s.",
        *_estimate_sentences(training.estimate),
        *(["Connected pieces smaller than half of the size that 95 % of the annotated ones exceed were assigned to the "
           "class around them."] if plan.specks else []),
        *(["Of each mask, only the largest connected piece was kept."] if plan.main_object else []),
        *([_separation(plan.separation, terms)] if plan.separation else []),
    ]


def _repeated(plan: Plan, terms: Terms) -> list[str]:
    if not plan.repeated:
        return []
    count, times = len(plan.repeated), sorted(set(plan.repeated.values()))
    were = f"1 {terms.image} was" if count == 1 else f"{count:,} {terms.image}s were"
    return [f"Foreground was darker than background in some {terms.image}s and brighter in others; of the rarer kind, "
            f"{were} shown {' or '.join(map(str, times))} times as often."]


def _separation(separation: Separation, terms: Terms) -> str:
    least = separation.smallest
    small = f"; objects of fewer than {least:,} {terms.pixel}s were left out" if least > 1 else ""
    return ("Touching objects were separated by a watershed on a map of distances from their edges, which the network "
            "learned beside the mask, each as a share of the largest in its object; it began where these were above "
            f"{separation.core:g}{small}.")


def _estimate_sentences(estimate: Estimate | None) -> list[str]:
    iou = estimate.foreground("iou") if estimate else None
    if estimate is None or iou is None:
        return []
    sure = f" ({100 * LEVEL:.0f} % bootstrap interval over groups {{:.3f}} to {{:.3f}})" if iou.ends else ""
    return [f"In a cross-validation of {estimate.folds} folds over {len(estimate.groups)} groups, the mean "
            f"intersection over union of groups left out was {iou.mean:.3f}{sure.format(*iou.ends or ())}."]


def _weighted(plan: Plan) -> str:
    if plan.class_weights is None:
        return ""
    named = zip(("background", *plan.classes), plan.class_weights, strict=True)
    return f", with the weights {', '.join(f'{weight:g} for {name}' for name, weight in named)},"


def _network(architecture: Architecture) -> str:
    features = architecture.features
    gates = "attention gates and " if architecture.attention else ""
    return (f"A {network_in_words(architecture)} with {gates}{len(features)} levels of {features[0]} to "
            f"{features[-1]} features")


def _preparation(plan: Plan, terms: Terms) -> str:
    binned = ""
    if max(plan.binning) > 1:
        binned = f"averaged over {_sizes(plan.binning)} {terms.pixel}s, "
        if plan.pixel_size:
            working = [size * count for size, count in zip(plan.pixel_size, plan.binning, strict=True)]
            binned = (f"averaged over {_sizes(plan.binning)} {terms.pixel}s (to {_sizes(working)} µm per "
                      f"{terms.pixel}), ")
    intensity = plan.intensity
    return (f"{terms.image.capitalize()}s were {binned}clipped at their percentiles {intensity.low:g} and "
            f"{intensity.high:g} and brought to mean 0 and standard deviation 1.")


def _variation(augmentation: Augmentation) -> str:
    kinds = {
        "flips": augmentation.flips,
        "quarter turns": augmentation.turns,
        "free rotation, scaling and elastic warping": augmentation.warp,
        "changes of brightness, contrast and gamma": augmentation.intensity,
        "mixing and weighing of colours": augmentation.intensity and (augmentation.mixing or augmentation.balance > 1),
        "blur": augmentation.blur,
        "noise": augmentation.noise,
    }
    used = [kind for kind, strength in kinds.items() if strength]
    return f", varied at random by {'; '.join(used)}," if used else ""


def _score_sentences(scores: Scores, terms: Terms, held_out: bool) -> list[str]:
    images = f"1 {terms.image}" if len(scores.images) == 1 else f"{len(scores.images):,} {terms.image}s"
    apart = " that took no part in the training" if held_out else ""
    sentences = []
    if scores.pixel_accuracy is not None:
        sentences.append(f"Against the annotation of {images}{apart}, the share of correct {terms.pixel}s (one minus "
                         f"the Hamming distance) was {scores.pixel_accuracy:.4f}.")
    for name, score in list(zip(scores.names, scores.classes, strict=True))[1:]:
        if score.images:
            sentences.append(f"For {name}, the mean over {terms.image}s of the intersection over union was "
                             f"{score.iou:.3f} and of the Dice coefficient {score.dice:.3f}"
                             f"{_distances(score, scores.unit, terms)}.")
    return sentences


def _distances(score: ClassScores, unit: str, terms: Terms) -> str:
    if score.boundary_mean is None or score.boundary_95 is None:
        return ""
    return (f"; {terms.outline}s were {score.boundary_mean:.2f} {unit} apart on average, with a 95 % Hausdorff "
            f"distance of {score.boundary_95:.2f} {unit}")


def _sizes(numbers: Sequence[float]) -> str:
    return " × ".join(f"{number:.4g}" for number in numbers)
