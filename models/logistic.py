"""The logistic that the trainers share: weighted, ridged, without a library at question time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

Values = NDArray[np.float64]


def fit_logistic(rows: Values, wanted: Values, weights: Values, ridge: float) -> tuple[float, Values]:
    """Intercept and slopes of the likelihood that a row (n features) is `wanted` (0 or 1); `weights` sum to one."""

    def loss(values: Values) -> tuple[float, Values]:
        likely = 1 / (1 + np.exp(-(rows @ values[1:] + values[0])))
        said = np.where(wanted == 1, likely, 1 - likely)
        slope = weights * (likely - wanted)
        gradient = np.concatenate([[slope.sum()], rows.T @ slope + 2 * ridge * values[1:]])
        return float(-(weights * np.log(said + 1e-12)).sum() + ridge * (values[1:] ** 2).sum()), gradient

    values = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return float(values[0]), values[1:]
