"""The head before anything else: a network that knows features already learns first how to read them.

A head of random weights would pull at features that are good as they are. So it is fitted alone at first, to the
features of a few batches: a linear probe, and then fine-tuning (arXiv 2202.10054).
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor
from torch.func import functional_call

from morula.examples.patches import Batch, Patches
from morula.learning.run import Run
from morula.machine.devices import chosen_device, on_device
from morula.networks.distance_loss import distance_cost

HEAD = "head.weight"
"""The tensor that tells whether a head is known, too."""
BATCHES, ITERATIONS = 4, 20
"""What the head is fitted to, and how long."""
DECAY = 1e-3
"""How much the squares of its weights count: features that tell classes apart without a doubt have no best weights."""


def fit_head(run: Run, patches: Patches) -> None:
    """Fit the head of a network to the first batches, everything beneath it kept as it is."""
    head, outputs = run.network.head, run.network.architecture.outputs
    read = [_features(run, patches.batch(step)) for step in range(BATCHES)]
    # In float32 wherever the network computes: scipy has float64, which not every device has.
    drawn = torch.cat([parameter.detach().flatten() for parameter in head.parameters()])
    sizes = [parameter.numel() for parameter in head.parameters()]

    def named(numbers: Tensor) -> dict[str, Tensor]:
        parts = zip(head.named_parameters(), numbers.split(sizes), strict=True)
        return {name: part.reshape(parameter.shape) for (name, parameter), part in parts}

    def cost(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        tried = torch.from_numpy(numbers).float().to(drawn).requires_grad_()
        fitted = named(tried)
        total = DECAY * fitted["weight"].square().sum()
        for features, shares, distances in read:
            maps = functional_call(head, fitted, features)
            total = total + run.loss([maps[:, :outputs]], shares) / BATCHES
            if distances is not None:
                total = total + distance_cost([maps[:, outputs:]], distances, shares) / BATCHES
        total.backward()
        return total.item(), tried.grad.cpu().double().numpy()  # pyright: ignore[reportOptionalMemberAccess]

    found = minimize(cost, drawn.cpu().double().numpy(), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    head.load_state_dict(named(torch.from_numpy(found.x).float().to(drawn)))
    run.average.load_state_dict(run.network.state_dict())


def _features(run: Run, batch: Batch) -> tuple[Tensor, Tensor, Tensor | None]:
    """What the head is given of a batch, float32, and what is wanted of it."""
    device = chosen_device()
    run.network.train()
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=run.reduced):
        features = run.network.expanded(on_device(batch.images))[0]
    distances = None if batch.distances is None else batch.distances.to(device)
    return features.float(), batch.shares.to(device), distances
