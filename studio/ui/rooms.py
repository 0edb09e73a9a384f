"""The workspaces, in the order of their tabs."""

from __future__ import annotations

from studio.ui.room import RoomSpec

ROOMS = (
    RoomSpec("canvas", "Canvas", "paint-brush", "Ctrl+1", ("image",), "diffusion.image", "Describe a picture",
             "studio.ui.canvas.room:CanvasRoom"),
    RoomSpec("write", "Write", "pen-nib", "Ctrl+2", ("text",), "language.text",
             "Say what should happen next, or just continue", "studio.ui.write.room:WriteRoom", "Token", 768),
    RoomSpec("sound", "Sound", "waveform", "Ctrl+3", ("audio", "score"), "speech.hibari",
             "What should be said, or what music should play", "studio.ui.sound.room:SoundRoom", ""),
)


def room_of_kind(kind: str) -> RoomSpec | None:
    """The room that a result of this kind belongs into."""
    return next((spec for spec in ROOMS if kind in spec.kinds), None)
