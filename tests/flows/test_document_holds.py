"""Whatever is sent to the API, it answers as its OpenAPI document says.

``make test`` sends a few requests to every operation; ``make prove PROOF=document`` sends 200,
and walks from one answer to the next along the document's links.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.flows.authority_scene import Scene, make_scene
from tests.flows.authority_visitor import Visitor
from tests.flows.conftest import World

pytestmark = pytest.mark.django_db

IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "document"
EXAMPLES = 200 if IS_PROOF else 6
WALKS, STEPS = (300, 20) if IS_PROOF else (12, 12)
#: What a request that the document allows may meet besides success: the caller may not, the
#: thing is not there, the moment is wrong, or a rule that no schema can say refuses it.
EXPECTED = ["2xx", "401", "403", "404", "409", "422"]
#: Numbers and characters that JSON allows and nothing here can hold, told as a bad request.
UNHOLDABLE = re.compile(r"no canonical JSON form|which no text may hold")
#: An AI agent, a supervisor, a compliance officer, a policy owner, an administrator.
CALLERS = "AVCPM"
#: Who does most with what an address begins with, for the walk along the links.
DOERS = {
    "approvals": "V",
    "change-requests": "P",
    "knowledge": "P",
    "policies": "P",
    "decisions": "C",
    "erasures": "C",
    "ledger": "C",
    "legal-holds": "C",
    "reports": "C",
    "retention": "C",
    "subject-exports": "C",
}
CSRF = "c" * 32
QUIETLY = settings(
    deadline=None,
    database=None,
    derandomize=not IS_PROOF,
    # What fails depends on what was done before: nothing can be made smaller.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
wsgi = get_wsgi_application()


def served(environ: Any, start_response: Any) -> Any:
    """Serve on the test's own connection, as Django's own client does for its requests."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    return wsgi(environ, start_response)


def load_document(*modes: GenerationMode) -> Any:
    config = ProjectConfig(
        checks=ChecksConfig(
            positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=EXPECTED)
        ),
        generation=GenerationConfig(
            modes=list(modes), database="none", with_security_parameters=False
        ),
    )
    schema = schemathesis.openapi.from_dict(
        SchemaGenerator().get_schema(request=None, public=True),
        config=SchemathesisConfig(projects=ProjectsConfig(default=config)),
    )
    schema.app = served
    return schema


@dataclass
class Asked:
    """Everything that was asked, and each answer that broke the document."""

    scene: Scene
    answers: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.callers = {letter: Visitor(letter, self.scene.queue) for letter in CALLERS}

    def credentials(self, letter: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the headers and cookies of a caller."""
        caller = self.callers[letter]
        if caller.is_agent:
            return dict(caller.headers), {}
        session = caller.client.cookies["sessionid"].value
        return {"X-CSRFToken": CSRF}, {"sessionid": session, "csrftoken": CSRF}

    def ask(self, case: Any, letter: str) -> None:
        """Send one request, and hold the answer against every check."""
        headers, cookies = self.credentials(letter)
        case._has_explicit_auth = True
        try:
            response = case.call(headers=headers, cookies=cookies)
            self.answers[response.status_code] += 1
            self.check(case, response, {"headers": headers, "cookies": cookies})
        except FailureGroup as found:
            self.note(case, letter, found)

    def note(self, case: Any, letter: str, found: FailureGroup) -> None:
        for failure in found.exceptions:
            self.broken[f"{case.operation.label} as {letter}: {failure}"] += 1

    def check(self, case: Any, response: Any, sent: dict[str, Any]) -> None:
        excluded: list[Any] = []
        if response.status_code == 400 and UNHOLDABLE.search(response.text):
            excluded.append(positive_data_acceptance)
        case.validate_response(response, excluded_checks=excluded, transport_kwargs=sent)

    def place(self, case: Any) -> None:
        """Let a path name what stands, where the document allows the rest of the request."""
        if case.meta.generation.mode is GenerationMode.POSITIVE:
            for name in case.path_parameters:
                if name in self.scene.own:
                    case.path_parameters[name] = self.scene.own[name]


def requests_of(operation: Any) -> st.SearchStrategy[Any]:
    return st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )


def asking(asked: Asked, operation: Any) -> Callable[[], None]:
    @settings(QUIETLY, max_examples=EXAMPLES)
    @given(case=requests_of(operation), letter=st.sampled_from(CALLERS), known=st.booleans())
    def ask(case: Any, letter: str, known: bool) -> None:
        if known:
            asked.place(case)
        asked.ask(case, letter)

    return ask


def test_every_operation_keeps_what_the_document_says(
    retail: World, record_property: Callable[[str, object], None]
) -> None:
    asked = Asked(make_scene(retail))
    operations = [found.ok() for found in load_document(*GenerationMode).get_all_operations()]
    assert len(operations) > 80
    for operation in operations:
        asking(asked, operation)()
    record_property("operations", len(operations))
    record_property("requests", sum(asked.answers.values()))
    assert not asked.broken, "\n\n".join(asked.broken)
    assert {200, 201, 400, 403, 404, 422} <= set(asked.answers)


@contextmanager
def undone() -> Iterator[None]:
    """Take back at the end what was written meanwhile, also by acts that must be outermost."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        transaction.set_rollback(True)


def doer_of(case: Any) -> str:
    return DOERS.get(case.operation.path.split("/")[3], "A")


def test_whoever_follows_the_links_meets_what_the_document_says(
    retail: World, record_property: Callable[[str, object], None]
) -> None:
    asked, followed = Asked(make_scene(retail)), Counter[str]()

    class Walk(load_document(GenerationMode.POSITIVE).as_state_machine()):  # type: ignore[misc]
        """Whoever may do what an answer leads on to, each time in the world as it was made.

        Which steps may follow depends on what was answered, and that on what walks before did:
        without the world of the beginning the same choices would not lead the same way.
        """

        def setup(self) -> None:
            cache.clear()
            self.world = ExitStack()
            self.world.enter_context(undone())

        def teardown(self) -> None:
            self.world.close()

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            case._has_explicit_auth = True
            headers, cookies = asked.credentials(doer_of(case))
            return {"headers": headers, "cookies": cookies}

        def validate_response(self, response: Any, case: Any, *rest: Any, **kwargs: Any) -> None:
            del rest, kwargs
            asked.answers[response.status_code] += 1
            # Only what an answer named stands: a path made up by chance meets nothing.
            if case.path_parameters and response.status_code < 300:
                followed[case.operation.label] += 1
            try:
                asked.check(case, response, self.get_call_kwargs(case))
            except FailureGroup as found:
                asked.note(case, doer_of(case), found)

    run_state_machine_as_test(
        Walk, settings=settings(QUIETLY, max_examples=WALKS, stateful_step_count=STEPS)
    )
    record_property("steps", sum(asked.answers.values()))
    record_property("operations_followed_to", len(followed))
    assert not asked.broken, "\n\n".join(asked.broken)
    assert len(followed) >= (20 if IS_PROOF else 3), followed
