"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import re

import pytest

from studio.project.manuscript.patterns import later


def test_a_later_pattern_is_a_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    compile_now = re.compile
    monkeypatch.setattr(re, "compile", lambda source, flags=0: compiled.append(source) or compile_now(source, flags))
    pattern = later("(a)|B", re.IGNORECASE)
    assert compiled == []
    assert [match[0] for match in pattern.finditer("AxbA")] == ["A", "b", "A"]
    assert pattern.sub("-", "abc") == "--c"
    assert pattern.search("b") is not None
    assert pattern.groups == 1
    assert pattern.finditer("a") is not None
    assert compiled.count("(a)|B") == 4, "each method is looked up once"


def test_a_wrong_pattern_is_refused_when_it_is_used() -> None:
    with pytest.raises(re.error):
        later("(").search("")
