"""What exports can be cut out by, and who may read the cases in them; filled at start-up."""

from collections.abc import Callable, Collection

from governance.access.types import Authority
from governance.controls.registry import Report, register_reports
from governance.evidence.types import Control
from orchestra.core.registry import Registry

#: Code of a control to the standing report.
controls: Registry[Control] = Registry("control")

#: Under ``cases``, which of some cases (public ids) an authority may read. Where nothing is
#: registered, whoever does not read every queue sees no payload of a case.
readable_cases: Registry[Callable[[Authority, Collection[str]], frozenset[str]]] = Registry(
    "reader of cases"
)


def register_standing(*reports: Report) -> None:
    """Let reports be read, and evidence be cut out by them; the same again is harmless."""
    register_reports(*reports)
    for report in reports:
        controls.register(report.code, report)
