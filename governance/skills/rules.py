"""Who can do what is asked for, and which level a risk asks for; pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from governance.reviews.types import RiskLevel
from governance.skills.types import NewSkill, SkillKind
from orchestra.core.errors import FieldError

#: Risks from the lowest to the highest.
RISKS: Final = tuple(str(risk) for risk in RiskLevel)
TITLE_LENGTH: Final = 100
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


def lacking(asked: Iterable[str], held: Collection[str]) -> tuple[str, ...]:
    """Return which of the skills asked for are not held, by key and in their order."""
    return tuple(key for key in asked if key not in held)


def able_to(asked: Collection[str], held: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Return the people who hold every skill that is asked for.

    Args:
        asked: Skills, by key; none are held by everybody.
        held: The skills of each person, by the person's id.
    """
    return frozenset(person for person, skills in held.items() if not lacking(asked, skills))


def skills_for_risk(risk: str, levels: Mapping[str, str]) -> frozenset[str]:
    """Return the levels that a risk asks for.

    Args:
        risk: A ``RiskLevel``; empty for none.
        levels: Each skill's key to the lowest risk that asks for it; empty for none.
    """
    if risk not in RISKS:
        return frozenset()
    reached = RISKS[: RISKS.index(risk) + 1]
    return frozenset(key for key, lowest in levels.items() if lowest in reached)


def skill_errors(new: NewSkill, known: Collection[str]) -> list[FieldError]:
    """Return what keeps a skill from standing on the list, all at once.

    Args:
        new: The skill.
        known: Keys that stand on it already, those out of use included.
    """
    errors = []
    if not _KEY.fullmatch(new.key):
        message = "Write lower-case letters, digits and _, beginning with a letter."
        errors.append(FieldError("key", "name", message))
    if new.key in known:
        errors.append(FieldError("key", "duplicate", "This key stands on the list already."))
    if not new.title.strip() or len(new.title) > TITLE_LENGTH:
        message = f"Say what people call it, in at most {TITLE_LENGTH} characters."
        errors.append(FieldError("title", "required", message))
    if new.kind not in set(SkillKind):
        message = f"One of {', '.join(SkillKind)}."
        errors.append(FieldError("kind", "choice", message))
    if new.from_risk and (new.kind != SkillKind.LEVEL or new.from_risk not in RISKS):
        message = f"Only a level is asked for by a risk, one of {', '.join(RISKS)}."
        errors.append(FieldError("from_risk", "choice", message))
    return errors
