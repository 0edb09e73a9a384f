"""Sound as an immutable value: clips refer to media by hash, edits are functions, any thread may work. No Qt.

numpy, soundfile, PyAV, soxr and scipy come only with the modules that need them: `mixer`, `source`, `decode`, `peaks`,
`spectrogram`, `loudness`, `exporting`, `importing`."""

from studio.project.sound.arrangement import RATE, Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.history import History
from studio.project.sound.tempo import MetreChange, TempoChange, TempoMap
from studio.project.sound.values import AutomationPoint, Clip, Label, Loop, Marker, Take, Track, new_id

__all__ = ["RATE", "Arrangement", "AutomationPoint", "Clip", "History", "Label", "Loop", "Marker", "MetreChange",
           "SoundError", "Take", "TempoChange", "TempoMap", "Track", "new_id"]
