"""Learning again: asked for, done by a worker, under review, in force, and rolled back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.intake import selectors, services
from cases.intake.models import (
    ClassifierTraining,
    ClassifierVersion,
    ClassifierWeights,
    Intent,
    IntentExample,
)
from cases.intake.types import TrainingState
from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.reviews import services as reviews
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.types import Ballot, ChangeState
from orchestra.core.actors import system
from orchestra.core.errors import InvalidInputError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.cases import kinds_of, make_case, make_message
from tests.factories.intents import make_intents

INTAKE = system("intake")
pytestmark = pytest.mark.usefixtures("centre")


@pytest.fixture
def owner() -> User:
    return make_person("tomas", roles=[Role.POLICY_OWNER])


def learn(owner: User, now: datetime) -> ChangeRequest:
    training = services.ask_training(actor=owner.as_actor(), now=now)
    assert services.train_due(now=now) == 1
    training.refresh_from_db()
    assert (training.state, training.problem) == (TrainingState.DONE, "")
    assert training.change is not None
    return ChangeRequest.objects.get(public_id=training.change)


def put_in_force(change: ChangeRequest, owner: User, now: datetime) -> None:
    reviews.submit(actor=owner.as_actor(), now=now, change_id=change.public_id)
    change.refresh_from_db()
    for name, role in (("ilse", Role.COMPLIANCE_OFFICER), ("maren", Role.POLICY_OWNER)):
        change.refresh_from_db()
        if change.state == ChangeState.SUBMITTED:
            reviewer = User.objects.filter(username=name).first() or make_person(name, roles=[role])
            ballot = Ballot(digest=change.digest, reason="Better on what it had not seen.")
            reviews.approve(
                actor=reviewer.as_actor(), now=now, change_id=change.public_id, ballot=ballot
            )
    maren = User.objects.filter(username="maren").first() or make_person(
        "maren", roles=[Role.POLICY_OWNER]
    )
    reviews.publish(actor=maren.as_actor(), now=now, change_id=change.public_id)


def test_a_learning_becomes_a_change_with_its_comparison(owner: User, now: datetime) -> None:
    make_intents()
    change = learn(owner, now)
    assert (change.kind, change.state, change.risk) == ("classifier", ChangeState.DRAFT, "medium")
    kind = documents.get("classifier")
    assert kind.validate(change.document) == ()
    told = {one.place: (one.before, one.after) for one in kind.describe(None, change.document)}
    assert told["Needs found, on unseen examples"] == (
        "74 % (296 of 398; 70 to 78 %)",
        "76 % (302 of 398; 71 to 80 %)",
    )
    assert told["Told apart from what is no need of ours"][1].startswith("95 % (114 of 120")
    assert told["Intent order_status"] == ("29 of 51", "31 of 51")
    assert told["Compared with"][1] == "examples.v1"
    assert kinds_of("system")[-3:] == [
        "classifier.training_asked",
        "change.opened",
        "classifier.training_ended",
    ]
    assert selectors.find_version() is None


def test_what_is_published_reads_and_what_is_read_names_it(
    centre: Any, owner: User, now: datetime
) -> None:
    make_intents()
    put_in_force(learn(owner, now), owner, now)
    case = make_case(centre.queue)
    message = make_message(case, "Please cancel my order.")
    record = services.classify_case(actor=INTAKE, now=now, case=case, message=message)
    version = ClassifierVersion.objects.get()
    assert (record.classifier, record.intent, record.band) == (
        "intake.v1",
        "cancel_order",
        "act",
    )
    assert record.calibrator == version.document["weights"]
    assert 0 < record.raw <= 1
    assert record.raw != record.confidence


def test_learning_without_anything_new_opens_nothing(owner: User, now: datetime) -> None:
    make_intents()
    put_in_force(learn(owner, now), owner, now)
    training = services.ask_training(actor=owner.as_actor(), now=now)
    services.train_due(now=now)
    training.refresh_from_db()
    assert (training.state, training.change) == (TrainingState.DONE, None)
    assert training.problem == "Nothing new was learnt."
    assert ChangeRequest.objects.count() == 1


def test_corrections_are_learnt_and_the_version_before_comes_back(
    centre: Any, owner: User, now: datetime
) -> None:
    make_intents()
    first = learn(owner, now)
    put_in_force(first, owner, now)
    worker = centre.person.as_actor()
    for number, word in enumerate(("parcel", "package", "shipment", "box")):
        case = make_case(centre.queue)
        message = make_message(case, f"The courier lost my {word} somewhere")
        read = services.classify_case(actor=INTAKE, now=now, case=case, message=message)
        services.settle_intent(
            actor=worker,
            now=now + timedelta(seconds=number),
            case=case,
            classification_id=str(read.public_id),
            intent="order_status",
        )
    second = learn(owner, now)
    assert second.document["corrections"] == 4
    assert second.document["against"] == "intake.v1"
    put_in_force(second, owner, now)
    model = selectors.in_force(selectors.list_intents())
    assert model.classifier.name == "intake.v2"
    assert model.classifier.classify("The courier lost my parcel").guess.intent == "order_status"
    second.refresh_from_db()
    back = reviews.roll_back(
        actor=owner.as_actor(),
        now=now,
        kind="classifier",
        document_key="intake",
        number=1,
        summary="It misreads.",
    )
    put_in_force(back, owner, now)
    present = selectors.find_version()
    assert present is not None
    assert (present.number, present.document) == (3, first.document)


def test_erased_words_teach_nothing(centre: Any, now: datetime) -> None:
    make_intents()
    case = make_case(centre.queue)
    message = make_message(case, "The courier lost it")
    read = services.classify_case(actor=INTAKE, now=now, case=case, message=message)
    services.settle_intent(
        actor=centre.person.as_actor(),
        now=now,
        case=case,
        classification_id=str(read.public_id),
        intent="",
    )
    assert selectors.learnt_from()[1:] == (("The courier lost it",), 1)
    IntentExample.objects.update(text="")
    assert selectors.learnt_from()[1:] == ((), 0)


def test_one_learning_at_a_time(owner: User, now: datetime) -> None:
    make_intents()
    first = services.ask_training(actor=owner.as_actor(), now=now)
    assert services.ask_training(actor=owner.as_actor(), now=now) == first
    assert ClassifierTraining.objects.count() == 1


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.QA_ANALYST])
def test_who_may_not_draft_has_nothing_learnt(role: Role, now: datetime) -> None:
    make_intents()
    person = make_person("pat", roles=[role])
    with pytest.raises(NotPermittedError):
        services.ask_training(actor=person.as_actor(), now=now)
    with pytest.raises(NotPermittedError):
        services.ask_training(actor=INTAKE, now=now)
    assert ClassifierTraining.objects.count() == 0


def test_too_few_examples_are_told_before_anything_is_asked(owner: User, now: datetime) -> None:
    with pytest.raises(InvalidInputError, match="At least two intents need 3"):
        services.ask_training(actor=owner.as_actor(), now=now)


def test_a_failed_learning_says_so_and_the_next_can_be_asked(owner: User, now: datetime) -> None:
    make_intents()
    training = services.ask_training(actor=owner.as_actor(), now=now)
    Intent.objects.update(examples=[])
    assert services.train_due(now=now) == 1
    training.refresh_from_db()
    assert training.state == TrainingState.FAILED
    assert training.problem.startswith("At least two intents need")
    Intent.objects.update(examples=["One thing", "another", "and a third"])
    assert services.ask_training(actor=owner.as_actor(), now=now) != training


def test_a_lost_worker_is_given_up_and_cannot_finish(owner: User, now: datetime) -> None:
    make_intents()
    training = services.ask_training(actor=owner.as_actor(), now=now)
    ClassifierTraining.objects.update(state=TrainingState.RUNNING, started_at=now)
    later = now + timedelta(hours=1)
    assert services.train_due(now=later) == 0
    training.refresh_from_db()
    assert training.state == TrainingState.FAILED
    assert "lost" in training.problem


def test_weights_that_are_not_what_the_version_says_are_passed_over(
    centre: Any, owner: User, now: datetime
) -> None:
    make_intents()
    put_in_force(learn(owner, now), owner, now)
    selectors._readings._values.clear()
    ClassifierWeights.objects.update(data=b"other")
    case = make_case(centre.queue)
    message = make_message(case, "Please cancel my order.")
    record = services.classify_case(actor=INTAKE, now=now, case=case, message=message)
    assert (record.classifier, record.intent) == ("examples.v1", "cancel_order")


def test_a_version_names_weights_that_stand(owner: User, now: datetime) -> None:
    make_intents()
    document = dict(learn(owner, now).document)
    document |= {"weights": "0" * 64, "bands": {**document["bands"], "verify_from": 0.9}}
    paths = {error.field for error in services.find_errors(document)}
    assert paths == {"bands.verify_from"}
    document["bands"]["verify_from"] = 0.5
    assert {error.field for error in services.find_errors(document)} == {"weights"}
    with pytest.raises(InvalidInputError):
        services.publish_classifier(actor=owner.as_actor(), now=now, document=document)
    assert LedgerEntry.objects.filter(kind="classifier.published").count() == 0
