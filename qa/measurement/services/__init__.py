"""Definitions put into force, the ledger read on, and cells computed."""

from qa.measurement.services.computing import compute_due
from qa.measurement.services.following import follow_ledger, rebuild
from qa.measurement.services.publishing import publish_metric, retire_metric

__all__ = [
    "compute_due",
    "follow_ledger",
    "publish_metric",
    "rebuild",
    "retire_metric",
]
