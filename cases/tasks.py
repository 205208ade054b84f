"""Thin Celery entries of the cases: each calls one service, takes ids, and may run twice."""

from celery import shared_task

from cases.assist import services as assist
from cases.channels import services as channels
from cases.handoff import services as handoff
from cases.intake import services as intake
from cases.intake.services.classifying import SUGGEST_TASK
from cases.intake.services.learning import TRAIN_TASK
from cases.journeys import services as journeys
from cases.journeys.registry import HEARD_TASK
from cases.journeys.runner import PROPOSE_TASK
from cases.journeys.services.reversing import REVERSE_TASK
from cases.journeys.services.verifying import RESUME_TASK
from cases.memory import services as memory
from cases.memory.models import Case
from cases.reconciliation import services as reconciliation
from cases.tools import services as tools
from cases.tools.services.entering import EXECUTE_TASK
from cases.tools.services.reaffirming import REAFFIRM_TASK
from cases.tools.services.sweeping import SWEEP_TASK
from cases.tools.services.watching import WATCH_TASK
from orchestra.core import clock


@shared_task(name=EXECUTE_TASK)
def execute_tool_call(call_id: int) -> None:
    """Make an attempt at a call that is ready, then at those that nobody came for."""
    tools.execute_call(call_id=call_id)
    tools.execute_due(now=clock.now() - tools.DOORBELL_TIME, batch=10)


@shared_task(name=SWEEP_TASK)
def sweep_tool_calls() -> None:
    """Find what a lost message or a dead worker left behind."""
    tools.sweep(now=clock.now())


@shared_task(name=WATCH_TASK)
def watch_upstreams() -> None:
    """Notice what changed where tools were imported from."""
    tools.watch_upstreams(now=clock.now())


@shared_task(name=RESUME_TASK)
def resume_verified(case_pk: int) -> None:
    """Decide again on the calls that waited for a case's customer to be verified."""
    tools.resume_verified(case=Case.objects.get(pk=case_pk), now=clock.now())


@shared_task(name=REAFFIRM_TASK)
def reaffirm_pending_calls() -> None:
    """Decide again on the calls whose approval was asked for under other policies."""
    tools.reaffirm_after_publishing(now=clock.now())


@shared_task(name=PROPOSE_TASK)
def propose_bound_step(step_pk: int) -> None:
    """Propose a step whose arguments are bound to facts."""
    journeys.propose_bound_step(step_pk=step_pk, now=clock.now())


@shared_task(name=HEARD_TASK)
def suggest_to(message_pk: int) -> None:
    """Suggest what a person may use to what a customer just said."""
    assist.suggest(message_pk=message_pk, now=clock.now())


@shared_task(name=REVERSE_TASK)
def propose_reversal(journey_pk: int) -> None:
    """Propose the next call that takes back what a cancelled journey changed."""
    journeys.propose_reversal(journey_pk=journey_pk, now=clock.now())


@shared_task(name="cases.journeys.deadlines")
def pass_deadlines() -> None:
    """Fail the steps and end the journeys whose time is over, and take back what is left."""
    journeys.pass_deadlines(now=clock.now())
    journeys.end_overdue_journeys(now=clock.now())
    journeys.reverse_due(now=clock.now())


@shared_task(name="cases.channels.forget")
def forget_early_words() -> None:
    """Delete the words of a centre that no customer's words followed."""
    channels.forget_early(now=clock.now())


@shared_task(name="cases.handoff.overdue")
def pass_overdue_handoffs() -> None:
    """Ask the next role for the handoffs that nobody took in time."""
    handoff.pass_overdue(now=clock.now())


@shared_task(name="cases.memory.end_idle")
def end_idle_contacts() -> None:
    """End the contacts of open cases in which nobody says anything more."""
    memory.end_idle(now=clock.now())


@shared_task(name="cases.memory.clear_files")
def clear_files() -> None:
    """Remove the files that a process which died left without a row."""
    memory.clear_files()


@shared_task(name="cases.reconciliation.recent")
def reconcile_recent() -> None:
    """Compare what is new with the ledger, and some of its writes with the systems of record."""
    reconciliation.reconcile(now=clock.now(), ask=50)


@shared_task(name="cases.reconciliation.whole")
def reconcile_whole() -> None:
    """Compare everything with the ledger."""
    reconciliation.reconcile(now=clock.now(), whole=True, ask=500)


@shared_task(name=TRAIN_TASK)
def train_classifier() -> None:
    """Learn from the examples where somebody asked for it."""
    intake.train_due(now=clock.now())


@shared_task(name=SUGGEST_TASK)
def suggest_intent(classification_pk: int) -> None:
    """Ask a second classifier about a message that the first was not sure of."""
    intake.suggest_intent(classification_pk=classification_pk, now=clock.now())


@shared_task(name="cases.journeys.sum")
def sum_journeys() -> None:
    """Read the ledger on into the sums of journeys by the day."""
    journeys.sum_journeys(now=clock.now(), wait=False)
