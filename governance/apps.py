"""Governance's application configuration."""

from importlib import import_module

from django.apps import AppConfig

#: Rooms that write entries; each has its kinds in ``entries.KINDS``.
ROOMS = (
    "ledger",
    "access",
    "reviews",
    "policies",
    "knowledge",
    "approvals",
    "access_reviews",
    "notifications",
    "webhooks",
    "evidence",
    "privacy",
    "retention",
    "subject_access",
    "switches",
    "skills",
)
#: Rooms that hold personal data of customers; each has its tables in ``holders.HOLDERS``.
HOLDING = ("privacy", "evidence", "subject_access")
#: Where classes of record are told that are kept for a time of their own.
KEEPING = ("retention.kept", "evidence.keeping", "subject_access.keeping")


class GovernanceConfig(AppConfig):
    """Layer 6: registers the kinds of entries its rooms write, and of documents under review."""

    name = "governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the rooms write, before anything is written."""
        from governance.access.registry import document_grants, lost  # noqa: PLC0415  needs loaded apps
        from governance.approvals import services as approvals  # noqa: PLC0415  needs loaded apps
        from governance.approvals.registry import DecidedHandler, handlers  # noqa: PLC0415
        from governance.approvals.types import VIGILANCE  # noqa: PLC0415
        from governance.knowledge.governed import ARTICLE_KIND  # noqa: PLC0415  needs loaded apps
        from governance.knowledge.loading import (  # noqa: PLC0415  needs loaded apps
            DOCUMENT_KIND as ARTICLE,
        )
        from governance.ledger.registry import register_kinds  # noqa: PLC0415  needs loaded apps
        from governance.notifications import registry as notices  # noqa: PLC0415  needs loaded apps
        from governance.notifications import telling  # noqa: PLC0415  needs loaded apps
        from governance.policies.governed import (  # noqa: PLC0415  needs loaded apps
            POLICY_GRANTS,
            POLICY_KIND,
        )
        from governance.policies.loading import DOCUMENT_KIND  # noqa: PLC0415  needs loaded apps
        from governance.reviews.registry import documents  # noqa: PLC0415  needs loaded apps

        import_module("governance.checks")
        lost.register("approvals", approvals.authority_lost)
        document_grants.register(DOCUMENT_KIND, POLICY_GRANTS)
        _register_tasks()
        for room in ROOMS:
            register_kinds(*import_module(f"governance.{room}.entries").KINDS)
        _register_controls()
        _register_personal_data()
        _register_kept()
        documents.register(DOCUMENT_KIND, POLICY_KIND)
        documents.register(ARTICLE, ARTICLE_KIND)
        handlers.register(
            VIGILANCE, DecidedHandler(lock=approvals.lock_nothing, decided=approvals.judge)
        )
        for kind, rule in telling.RULES.items():
            notices.rules.register(kind, rule)
        for subject, is_open in telling.STILL_OPEN.items():
            notices.still_open.register(subject, is_open)
        _register_subscribers()


def _register_subscribers() -> None:
    from governance.approvals.metrics import collect_approvals  # noqa: PLC0415
    from governance.notifications.registry import (  # noqa: PLC0415  needs loaded apps
        Subscriber,
        subscribers,
    )
    from governance.webhooks.metrics import collect_webhooks  # noqa: PLC0415  needs loaded apps
    from governance.webhooks.selectors import wanted_types  # noqa: PLC0415  needs loaded apps
    from governance.webhooks.services import place  # noqa: PLC0415  needs loaded apps
    from orchestra.core.metrics import collectors  # noqa: PLC0415  needs loaded apps

    subscribers.register("webhooks", Subscriber(take=place, kinds=wanted_types))
    collectors.register("webhooks", collect_webhooks)
    collectors.register("approvals", collect_approvals)


def _register_controls() -> None:
    from governance.controls.catalogue import REPORTS  # noqa: PLC0415  needs loaded apps
    from governance.evidence.registry import register_standing  # noqa: PLC0415

    register_standing(*REPORTS)


def _register_personal_data() -> None:
    from governance.privacy.holders import undecided  # noqa: PLC0415  needs loaded apps
    from governance.privacy.registry import holders, obstacles  # noqa: PLC0415  needs loaded apps

    obstacles.register("approvals", undecided)
    for room in HOLDING:
        for holder in import_module(f"governance.{room}.holders").HOLDERS:
            holders.register(holder.code, holder)


def _register_kept() -> None:
    from governance.retention.registry import classes  # noqa: PLC0415  needs loaded apps

    for place in KEEPING:
        for kept in import_module(f"governance.{place}").CLASSES:
            classes.register(kept.code, kept)


def _register_tasks() -> None:
    from governance.controls.services import MAKE_TASK  # noqa: PLC0415  needs loaded apps
    from governance.evidence.services import BUILD_TASK  # noqa: PLC0415  needs loaded apps
    from governance.notifications.services import SEND_TASK  # noqa: PLC0415  needs loaded apps
    from governance.policies.services.rehearsing import REHEARSE_TASK  # noqa: PLC0415
    from governance.privacy.services import ERASE_TASK  # noqa: PLC0415  needs loaded apps
    from governance.retention.services import RETENTION_TASK  # noqa: PLC0415  needs loaded apps
    from governance.subject_access.services import SUBJECT_TASK  # noqa: PLC0415
    from governance.webhooks.services import SEND_TASK as WEBHOOKS  # noqa: PLC0415
    from orchestra.core.dispatch import task_names  # noqa: PLC0415

    for name in (
        *(REHEARSE_TASK, SEND_TASK, BUILD_TASK, MAKE_TASK),
        *(ERASE_TASK, RETENTION_TASK, SUBJECT_TASK, WEBHOOKS),
    ):
        task_names.register(name, name)
