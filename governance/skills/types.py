"""Skills as values: a closed list that a centre keeps."""

from dataclasses import dataclass
from enum import StrEnum


class SkillKind(StrEnum):
    """What a skill is about."""

    LANGUAGE = "language"
    PRODUCT = "product"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class NewSkill:
    """A skill that is to stand on the list.

    Attributes:
        key: Lower-case letters, digits and _, such as ``spanish``.
        title: What people read.
        from_risk: For a level: the lowest risk that asks for it; empty for none.
    """

    key: str
    title: str
    kind: SkillKind
    from_risk: str = ""
