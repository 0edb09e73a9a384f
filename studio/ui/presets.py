"""Choices that set other fields: "Draft" sets the steps, and steps set by hand make it "Custom"."""

from __future__ import annotations

from collections.abc import Mapping

from studio.ui.editors import Editor


def follow(changed: Editor, editors: Mapping[str, Editor]) -> None:
    """After a person changed a field: set what its choice stands for, or let go of a choice that no longer holds.

    A field's `presets` name, for some of its choices, the values of other fields; a choice without is the free one.
    """
    wanted = changed.spec.presets.get(str(changed.value()), {})
    for name, value in wanted.items():
        if name in editors:
            editors[name].set_value(value)
    for chooser in editors.values():
        stands_for = chooser.spec.presets.get(str(chooser.value()), {})
        free = next((choice for choice, _ in chooser.spec.choices if str(choice) not in chooser.spec.presets), None)
        name = changed.spec.name
        if chooser is not changed and free is not None and name in stands_for and changed.value() != stands_for[name]:
            chooser.set_value(free)
