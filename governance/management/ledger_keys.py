"""What `manage.py ledger` says and does about keys, epochs and notes."""

import os
import secrets
from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from governance.ledger import notes, selectors, services, tree
from governance.ledger.consistency import find_consistency
from orchestra.core import actors, clock
from orchestra.core.errors import ConflictError, InvalidInputError

#: Who acts when an operator works at the command line.
OPERATOR = actors.system("command")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an act says.

    Attributes:
        values: For a script.
        text: For a person.
        ok: Whether what was asked holds.
    """

    values: dict[str, Any]
    text: str
    ok: bool = True


Act = Callable[[dict[str, Any]], Answer]


def add_arguments(acts: Any) -> None:
    """Declare the acts below `manage.py ledger`."""
    described = {
        "keys": "list the keys that sign and signed, with the checkpoints each covers",
        "new-key": "make a private key in a new file, for the next rotation",
        "rotate": "let the next key take over; both sign for the overlap",
        "begin-epoch": "say that what a checkpoint outside counts is lost, and go on",
        "consistency": "prove that one checkpoint's tree is the beginning of another's",
        "check-note": "check a checkpoint's signature, and that this ledger continues it",
    }
    parsers = {name: acts.add_parser(name, help=text) for name, text in described.items()}
    for parser in parsers.values():
        parser.add_argument("--json", action="store_true", help="one line a script can read")
    parsers["new-key"].add_argument("--output", type=Path, required=True, help="a new file")
    parsers["rotate"].add_argument("--reason", required=True)
    parsers["rotate"].add_argument("--overlap-days", type=int, default=30)
    parsers["begin-epoch"].add_argument("--reason", required=True)
    parsers["begin-epoch"].add_argument("--size", type=int, required=True)
    parsers["begin-epoch"].add_argument("--root", type=_root, required=True, help="64 hex digits")
    parsers["consistency"].add_argument("--from", dest="size1", type=int, required=True)
    parsers["consistency"].add_argument("--to", dest="size2", type=int, help="the newest otherwise")
    parsers["check-note"].add_argument("file", type=Path)
    parsers["check-note"].add_argument("--vkey", help="a key of yours instead of this ledger's")


def _keys(_options: dict[str, Any]) -> Answer:
    standing = services.current_standing()
    spans = [
        {
            "after_size": max(span.after_size, 0),
            "both_until": span.both_until,
            "in_force": span.up_to_size is None,
            "up_to_size": span.up_to_size,
            "vkey": span.key.text(),
        }
        for span in standing.spans
    ]
    lines = [
        _("%(vkey)s: checkpoints above %(after)s %(until)s")
        % {
            "vkey": span["vkey"],
            "after": span["after_size"],
            "until": _("(in force)")
            if span["in_force"]
            else _("up to %(size)s") % {"size": span["up_to_size"]},
        }
        for span in spans
    ]
    return Answer({"keys": spans, "origin": standing.origin}, "\n".join(lines))


def _new_key(options: dict[str, Any]) -> Answer:
    seed, path = secrets.token_bytes(32), options["output"]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        reason = _("%(file)s cannot be made: %(why)s.")
        raise ConflictError(reason % {"file": path, "why": error.strerror}) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{seed.hex()}\n")
    vkey = notes.log_key(name=services.log_origin(), seed=seed).text()
    values = {"file": str(path), "vkey": vkey}
    return Answer(values, _("The private key is in %(file)s; its public key: %(vkey)s") % values)


def _rotate(options: dict[str, Any]) -> Answer:
    stated = services.rotate_key(
        actor=OPERATOR,
        now=clock.now(),
        reason=options["reason"],
        overlap_days=options["overlap_days"],
    )
    values = {
        "both_until": stated.both_until,
        "new": stated.new.text(),
        "old": stated.old.text(),
        "size": stated.size,
    }
    text = _("From checkpoint %(size)s on %(new)s signs; both sign until: %(both_until)s")
    return Answer(values, text % values)


def _begin_epoch(options: dict[str, Any]) -> Answer:
    stated = services.begin_epoch(
        actor=OPERATOR,
        now=clock.now(),
        size=options["size"],
        root=options["root"],
        reason=options["reason"],
    )
    values = {
        "agreed_size": stated.agreed_size,
        "lost_size": stated.lost_size,
        "origin": stated.origin,
        "size": stated.size,
        "vkey": stated.new.text(),
    }
    text = _(
        "The ledger goes on as %(origin)s from %(size)s entries. It continues its earlier "
        "checkpoints up to %(agreed_size)s; checkpoint %(lost_size)s is lost. Publish: %(vkey)s"
    )
    return Answer(values, text % values)


def _consistency(options: dict[str, Any]) -> Answer:
    found = find_consistency(size1=options["size1"], size2=options["size2"])
    values = {
        "from": found.size1,
        "hashes": [item.hex() for item in found.hashes],
        "root_from": found.root1.hex(),
        "root_to": found.root2.hex(),
        "to": found.size2,
    }
    text = _("The first %(from)s of %(to)s entries are unchanged; %(count)s hashes prove it.")
    return Answer(values, text % {**values, "count": len(found.hashes)})


def _check_note(options: dict[str, Any]) -> Answer:
    try:
        note = options["file"].read_text(encoding="utf-8")
        if options["vkey"]:
            key = notes.parse_vkey(options["vkey"])
            head = notes.parse_checkpoint(notes.open_note(note, [key]).text)
        else:
            head = services.current_standing().open_checkpoint(note)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(_("The file cannot be read.")) from error
    except notes.NoteError as error:
        return Answer({"ok": False, "why": str(error)}, str(error), ok=False)
    return _compared(head)


def _compared(head: notes.TreeHead) -> Answer:
    values = {"ok": False, "origin": head.origin, "root": head.root.hex(), "size": head.size}
    if head.size == 0 and head.root != tree.EMPTY_ROOT:
        why = _("A checkpoint of no entries has the root of the empty tree, and this has another.")
    elif head.size > selectors.tree_size():
        why = _("The checkpoint counts %(stated)s entries; this ledger has %(size)s.") % {
            "stated": head.size,
            "size": selectors.tree_size(),
        }
    elif selectors.root_at(size=head.size) != head.root:
        why = _("The first %(size)s entries of this ledger have another root.") % values
    else:
        text = _("Signed, and this ledger continues it: %(size)s entries, root %(root)s.")
        return Answer({**values, "ok": True}, text % values)
    return Answer({**values, "why": why}, why, ok=False)


def _root(text: str) -> str:
    if len(text) != 2 * tree.HASH_BYTES or set(text) - set("0123456789abcdef"):
        raise ArgumentTypeError(_("a root has 64 lower-case hex digits"))
    return text


ACTS: dict[str, Act] = {
    "keys": _keys,
    "new-key": _new_key,
    "rotate": _rotate,
    "begin-epoch": _begin_epoch,
    "consistency": _consistency,
    "check-note": _check_note,
}
