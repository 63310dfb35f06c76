"""Swedish personal identity numbers: which rows of digits are one (the Act 1991:481, 18 §; Skatteverket, SKV 704)."""

import re


def is_personnummer(number: str) -> bool:
    """Whether ten or twelve digits, with - or + before the last four or without, are somebody's number.

    Birthday and check digit must be right. A coordination number (18 b §) has 60 added to the day.
    """
    from stdnum.se import personnummer

    return personnummer.is_valid(number) or personnummer.is_valid(_as_born(number))


def _as_born(number: str) -> str:
    """A coordination number as the number that it would be without the 60; "" where it is none."""
    digits = re.sub(r"\D", "", number)
    day = int(digits[-6:-4]) - 60
    if not 1 <= day <= 31 or _luhn(digits[-10:]):
        return ""
    century, mark = digits[:-10], "+" if "+" in number else "-"
    born, serial = f"{digits[-10:-6]}{day:02}", digits[-4:-1]
    check = next(last for last in range(10) if not _luhn(f"{born}{serial}{last}"))
    return f"{century}{born}{mark}{serial}{check}"


def _luhn(digits: str) -> int:
    """0 where the last digit is the right one (ISO/IEC 7812-1)."""
    from stdnum import luhn

    return int(luhn.checksum(digits))
