"""What is in force, in the shape of a pack's documents."""

from datetime import datetime

import pytest

from cases.intake.models import Intent
from cases.packs.selectors import known, present_items
from cases.packs.services import load_builtin
from cases.packs.types import ItemKind
from orchestra.core.actors import system

BUILDER = system("test")
pytestmark = pytest.mark.django_db


def test_selectors_show_what_is_in_force_as_documents(now: datetime) -> None:
    assert "retail.cancel_effect" in known().functions
    assert "order_status" in known().facts
    load_builtin(actor=BUILDER, now=now, name="retail")
    present = present_items()
    assert present[ItemKind.QUEUE, "care"]["is_default"] is True
    assert present[ItemKind.TOOL, "calculate"]["risk"] == "low"
    assert len([key for key in present if key[0] is ItemKind.INTENT]) == Intent.objects.count()
