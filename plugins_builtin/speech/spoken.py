"""English as it is read out, in letters alone: for networks that know letters and no figures."""

from __future__ import annotations

import re

_MONEY = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent")}
_AMOUNT = re.compile(r"([$£€])\s?(\d[\d,]*)(?:\.(\d{2}))?(?!\.?\d)")
_NUMBER = re.compile(r"(?<![\w.])(-|−)?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(st|nd|rd|th)?(%)?(?!\w)")
_CODE = re.compile(r"(?<![\w.-])(?:\d{3}-)?\d{3}-\d{4}(?![\w-])")
_TITLES = {"Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Jr": "Junior", "Sr": "Senior"}


def spelled_out(text: str) -> str:
    """Numbers, ordinals, years, decimals, percentages and money as words; dates, times, units and abbreviations by the
    tables of hibari-tts."""
    from hibari.g2p.normalize import normalize

    from plugins_builtin.speech.english import tidied

    words = _CODE.sub(lambda m: " ".join(m[0].replace("-", " , ")), tidied(text))  # a telephone number
    words = _AMOUNT.sub(_amount, normalize(words))
    words = re.sub(r"\b(Dr|Mr|Mrs|Jr|Sr)\b\.?", lambda m: _TITLES[m[1]], words)
    return " ".join(_NUMBER.sub(_number, words).split())


def _amount(match: re.Match[str]) -> str:
    whole, part = int(match[2].replace(",", "")), int(match[3] or 0)
    unit, small = _MONEY[match[1]]
    said = [_counted(whole, unit)] if whole or not part else []
    return " and ".join(said + ([_counted(part, small)] if part else []))


def _counted(count: int, unit: str) -> str:
    from hibari.g2p import numbers

    many = "pence" if unit == "penny" else unit + "s"
    return f"{numbers.cardinal(count)} {unit if count == 1 else many}"


def _number(match: re.Match[str]) -> str:
    from hibari.g2p import numbers

    minus, digits, decimals, ordinal, percent = match.groups()
    if len(digits) > 15:  # a code rather than a number: digit by digit
        return " ".join(numbers.cardinal(int(digit)) for digit in digits if digit.isdigit())
    value = int(digits.replace(",", ""))
    if decimals:
        said = f"{numbers.cardinal(value)} point " + " ".join(numbers.cardinal(int(digit)) for digit in decimals[1:])
    elif ordinal:
        said = numbers.ordinal(value)
    elif len(digits) == 4 and 1100 <= value < 2100 and not minus and not percent:
        said = numbers.year(value)
    else:
        said = numbers.cardinal(value)
    return ("minus " if minus else "") + said + (" percent" if percent else "")
