"""What can go wrong with weights. Each message is one sentence for the person: what happened, what to do."""

from __future__ import annotations


class ModelError(Exception):
    """Weights cannot be used."""


class ModelNotInstalled(ModelError):
    """No such model is on this machine.

    Attributes:
        name: the model or pack that was asked for.
        command: the command that installs it.
    """

    def __init__(self, name: str, command: str = "", message: str = "") -> None:
        self.name = name
        self.command = command or f"studio models install {name}"
        super().__init__(message or f"The model “{name}” is not installed. Install it with: {self.command}")


class ModelDamaged(ModelError):
    """An installed pack is no longer what was installed; `command` installs the model `name` again."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.command = name, f"studio models install {name}"
        again = "" if self.command in problem else f" Install it again with: {self.command}"
        super().__init__(problem + again)


class UnsafeFile(ModelError):
    """A weight file is damaged, is of another format than its name says, or could run code when it is read."""


class PackError(ModelError):
    """A pack could not be installed or removed."""


class InstallStopped(ModelError):
    """The person stopped an installation; what was downloaded so far is kept and the next one goes on from there."""
