"""What is read within a window is read once, and forgotten with it."""

import pytest

from governance.notifications.kept import keep, keeping, once


def test_within_a_window_it_is_read_once() -> None:
    read: list[int] = []

    def again() -> int:
        read.append(1)
        return len(read)

    assert (once(("x",), again), once(("x",), again)) == (1, 2)
    with keeping():
        assert (once(("x",), again), once(("x",), again), once(("y",), again)) == (3, 3, 4)
        with keeping():
            assert once(("x",), again) == 5
        assert once(("x",), again) == 3
    with keeping():
        assert once(("x",), again) == 6


def test_what_was_read_ahead_is_not_read_again() -> None:
    keep({("x",): 1})
    with keeping():
        keep({("x",): 1, ("y",): None})
        assert once(("x",), lambda: 2) == 1
        assert once(("y",), lambda: 2) is None
    assert once(("x",), lambda: 2) == 2


def test_what_could_not_be_read_is_tried_again() -> None:
    def fails() -> int:
        raise LookupError

    with keeping():
        with pytest.raises(LookupError):
            once(("x",), fails)
        assert once(("x",), lambda: 1) == 1
