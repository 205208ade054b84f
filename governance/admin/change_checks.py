"""What checks and proofs find of a change, for whoever has to vote on it."""

import re
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.policies import registry
from governance.policies.checking.findings import Finding, Severity
from governance.policies.checking.proofs import Proof, Verdict
from governance.policies.examining import find_findings, prove_document
from governance.policies.loading import DOCUMENT_KIND, policies_in_force
from governance.policies.selectors import eligible_voters
from governance.reviews import rules
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangePurpose

_PLACES: Final[dict[str, Promise]] = {
    "rules": gettext_lazy("Row %(number)d"),
    "limits": gettext_lazy("Limit %(number)d"),
    "invariants": gettext_lazy("Promise %(number)d"),
}
_PLACE: Final = re.compile(r"(rules|limits|invariants)\[(\d+)\]")
_HOLDS: Final[dict[str, Promise]] = {
    "low": gettext_lazy("Allowed, and open to sampling"),
    "medium": gettext_lazy("Never without a verified customer and a limit"),
    "high": gettext_lazy("Never without a vote above the threshold that is set"),
    "critical": gettext_lazy("Never without a specialist"),
    "undeclared": gettext_lazy("A tool without a risk level is always refused"),
}
_STATES: Final[dict[Verdict, tuple[str, Promise]]] = {
    Verdict.PROVED: ("is-ok", gettext_lazy("holds")),
    Verdict.REFUTED: ("is-bad", gettext_lazy("fails")),
    Verdict.UNPROVED: ("is-wait", gettext_lazy("not proved")),
}


def find_checked(change: ChangeRequest) -> tuple[tuple[Finding, ...], tuple[Proof, ...]] | None:
    """Return what is found of a policy's text and the proofs of its floors; None for others.

    Args:
        change: The change on whose page it stands.
    """
    if (
        change.kind != DOCUMENT_KIND
        or change.purpose == ChangePurpose.RETIREMENT
        or change.state not in rules.OPEN
    ):
        return None
    known, present = registry.present_catalogue(), policies_in_force()
    return (
        find_findings(
            document=change.document,
            has_eligible=eligible_voters(),
            catalogue=known,
            present=present,
        ),
        prove_document(document=change.document, catalogue=known, present=present),
    )


def describe_checks(
    checked: tuple[tuple[Finding, ...], tuple[Proof, ...]] | None,
) -> dict[str, Any]:
    """Return what is found of a policy's text and how its floors are proved; empty for others.

    Args:
        checked: As ``find_checked`` gives it.
    """
    if checked is None:
        return {}
    found, proofs = checked
    cases = sum(proof.cases for proof in proofs)
    return {
        "findings": [_finding(one) for one in found],
        "proofs": [_proof(one) for one in proofs],
        "cases": ngettext("%(count)s case", "%(count)s cases", cases) % {"count": f"{cases:,}"},
        "errors": sum(one.severity is Severity.ERROR for one in found),
        "fails": any(one.severity is Severity.ERROR for one in found)
        or any(proof.verdict is Verdict.REFUTED for proof in proofs),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    is_error = finding.severity is Severity.ERROR
    return {
        "place": place_words(finding.path),
        # A field of the text, for whoever edits it as YAML.
        "field": "" if _PLACE.fullmatch(finding.path) else finding.path,
        "message": finding.message,
        "others": [place_words(path) for path in finding.others],
        "style": "is-danger" if is_error else "is-warn",
        "word": _("stops it") if is_error else _("worth a look"),
    }


def place_words(path: str) -> str:
    """Return where a finding stands as people count rows: ``rules[3].when[0]`` is row 4."""
    found = _PLACE.match(path)
    if found is None:
        return _("The policy as a whole")
    return str(_PLACES[found[1]]) % {"number": int(found[2]) + 1}


def _proof(proof: Proof) -> dict[str, Any]:
    style, word = _STATES[proof.verdict]
    is_proved = proof.verdict is Verdict.PROVED
    return {
        "risk": "" if proof.name == "undeclared" else proof.name,
        "words": str(_HOLDS[proof.name]) if is_proved else proof.words,
        "cases": f"{proof.cases:,}",
        "style": style,
        "word": word,
    }
