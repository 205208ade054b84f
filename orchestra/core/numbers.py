"""Whole numbers as people and addresses write them."""

#: As many digits as every database column for a count holds.
MOST_DIGITS = 9


def read_whole(text: str, *, most_digits: int = MOST_DIGITS) -> int | None:
    """Return the whole number that a text states, None where it states none.

    Args:
        text: Digits 0 to 9 and nothing else; signs, blanks and other scripts are no number.
        most_digits: A longer one is no number either, however it goes on.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if is_number else None
