"""Errors that a generator may raise on purpose. The text is one sentence for the person: what happened, what to do."""

from __future__ import annotations


class Cancelled(BaseException):
    """The person pressed Stop. A BaseException, so that a plugin's `except Exception` does not swallow it."""


class GeneratorError(Exception):
    """It could not be made; the message is shown as it is."""


class InputError(GeneratorError):
    """A parameter or a media input is wrong. `field` names it."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ModelMissing(GeneratorError):
    """Weights are not installed. `model` is the name to install."""

    def __init__(self, message: str, model: str = "") -> None:
        super().__init__(message)
        self.model = model


class OutOfMemory(GeneratorError):
    """The device's memory is full. The host unloads other models and tries once more."""
