"""What the supervisor tells people: one sentence each, with the host's last words as details."""

from __future__ import annotations

from studio.engine.job import ErrorKind, ErrorReport, GeneratorInfo, Job


def crashed(job: Job, info: GeneratorInfo | None, details: str) -> ErrorReport:
    """The host died while it ran `job`."""
    generator = job.request.generator
    title = f"{info.title} ({info.plugin})" if info else generator
    return ErrorReport("crash", f"{title} crashed and was stopped; the studio is fine. "
                       "Try again or choose other settings.", details, generator,
                       info.plugin if info else generator.partition(".")[0])


def no_engine(details: str, generator: str = "") -> ErrorReport:
    """No host can be started."""
    return ErrorReport("crash", "The engine could not be started; restart Pieria, and if that does not help install it "
                       "again.", details, generator)


def media_gone(job: Job, field: str, details: str) -> ErrorReport:
    """What a media field refers to cannot be had."""
    return ErrorReport("params", "Something that this was to be made from is no longer in the project; choose it "
                       "again.", details, job.request.generator, field=field)


def unsendable(job: Job, details: str) -> ErrorReport:
    """The parameters are no JSON."""
    return ErrorReport("params", "These settings cannot be sent to the generator; choose others.", details,
                       job.request.generator)


def left_out(plugin: str, why: str, details: str, kind: ErrorKind = "plugin") -> ErrorReport:
    """A plugin that is not imported any more."""
    return ErrorReport(kind, f"The plugin “{plugin}” could not be loaded: {why}. Update or remove it.", details,
                       plugin=plugin)
