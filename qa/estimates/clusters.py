"""Units that belong together say less than as many that do not; pure.

Source: W. G. Cochran, "Sampling Techniques", 3rd ed., 9.2 (the effect of a design by clusters,
``1 + (m - 1) rho``), in its linearised form: what the units of one cluster leave is added up
first, and the clusters' sums vary. K. M. Wolter, "Introduction to Variance Estimation", 2nd ed.,
chapter 6, for linearisation.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean

_LEAST = 2


def design_effect_of(left: Sequence[float], clusters: Sequence[str]) -> float:
    """Return by how much clusters widen the variance of a stratum's mean; never below 1.

    ``m/(m-1) sum_c (sum_i e_i)^2`` over ``n/(n-1) sum_i e_i^2``, where ``e`` is what each unit
    leaves beside their mean and ``m`` counts clusters. Units of one cluster alone count as one
    unit, since how much clusters differ cannot be seen.

    Args:
        left: What each reviewed unit leaves.
        clusters: The cluster of each, in the same order; empty where each is one of its own.
    """
    count = len(left)
    if not clusters or count < _LEAST or len(set(clusters)) == count:
        return 1.0
    mean = fmean(left)
    apart = math.fsum((one - mean) ** 2 for one in left)
    if not apart:
        return 1.0
    sums: dict[str, list[float]] = defaultdict(list)
    for one, cluster in zip(left, clusters, strict=True):
        sums[cluster].append(one - mean)
    if len(sums) < _LEAST:
        return float(count)
    groups = len(sums)
    between = groups / (groups - 1) * math.fsum(math.fsum(each) ** 2 for each in sums.values())
    return max(1.0, between / (count / (count - 1) * apart))
