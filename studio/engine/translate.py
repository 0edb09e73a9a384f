"""The host's messages about a job into events."""

from __future__ import annotations

from studio.engine.job import (
    AudioChunk,
    ErrorReport,
    Event,
    Failed,
    Finished,
    Progress,
    Result,
    Started,
    Stopped,
    Token,
)
from studio.engine.protocol import Message


def event(message: Message) -> Event | None:
    """The event that a message tells, None for one that tells none."""
    header, job = message.header, message.text("job")
    blob = message.blobs[0] if message.blobs else b""
    match message.type:
        case "started":
            return Started(job)
        case "progress":
            return Progress(job, int(header["step"]), int(header["of"]), blob or None, message.text("message"))
        case "token":
            return Token(job, message.text("text"))
        case "audio":
            return AudioChunk(job, blob, int(header["rate"]), int(header["channels"]))
        case "result":
            return Result(job, message.text("kind"), blob, message.text("media_type"), header["meta"], header["recipe"])
        case "finished":
            return Finished(job, float(header["seconds"]))
        case "failed":
            return Failed(job, ErrorReport.from_json(header["error"]))
        case "stopped":
            return Stopped(job)
        case _:
            return None
