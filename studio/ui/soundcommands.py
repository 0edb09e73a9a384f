"""The commands of the Sound workspace: what palette and keys do with clips, tracks, transport and view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from studio.ui.commandset import Command

if TYPE_CHECKING:
    from studio.ui.desk import Desk
    from studio.ui.sound.room import SoundRoom

Run = Callable[["SoundRoom"], object]
Row = tuple[str, str, str, str, Run]

# Keys are Audacity's where it has one and the studio has not: Ctrl+1 to 5 go to workspaces, Ctrl+E exports a result,
# Ctrl+J shows the results and Ctrl+L goes to the prompt, so zoom, join and loop have others.
TRANSPORT: list[Row] = [
    ("play", "Play or pause", "Space", "play", lambda at: at.pane.player.toggle()),
    ("stop", "Stop", "Shift+Space", "stop", lambda at: at.pane.player.stop()),
    ("record", "Record", "R", "record", lambda at: at.recording.toggle()),
    ("count-in", "Count in before recording", "", "metronome", lambda at: at.record_menu.toggle_count_in()),
    ("latency", "Latency of the recording…", "", "timer", lambda at: at.record_menu.ask_latency()),
    ("loop", "Loop the selection", "L", "repeat", lambda at: at.pane.bar.loop.toggle()),
    ("metronome", "Metronome", "K", "metronome", lambda at: at.pane.bar.metronome.toggle()),
    ("preview-cut", "Hear how it goes on without the selection", "C", "ear", lambda at: at.pane.cut.play()),
    ("start", "Go to the start", "Home", "skip-back", lambda at: at.pane.go_to(0.0)),
    ("end", "Go to the end", "End", "skip-forward", lambda at: at.pane.go_to(at.pane.document.shown.length)),
]
CLIPS: list[Row] = [
    ("cut", "Cut", "Ctrl+X", "scissors", lambda at: at.pane.editing.cut()),
    ("copy", "Copy", "Ctrl+C", "copy", lambda at: at.pane.editing.copy()),
    ("paste", "Paste at the cursor", "Ctrl+V", "clipboard", lambda at: at.pane.editing.paste()),
    ("duplicate", "Duplicate", "Ctrl+D", "copy-simple", lambda at: at.pane.editing.duplicate()),
    ("delete", "Delete", "Del", "trash", lambda at: at.pane.editing.delete()),
    ("ripple", "Delete and close the gap", "Shift+Del", "backspace", lambda at: at.pane.editing.ripple_delete()),
    ("split", "Split at the playhead", "S", "scissors", lambda at: at.pane.editing.split()),
    ("trim", "Trim to the selection", "Ctrl+T", "crop", lambda at: at.pane.editing.trim()),
    ("join", "Join the clips", "Ctrl+Alt+J", "link", lambda at: at.pane.editing.join()),
    ("mix", "Mix the clips down", "", "arrows-merge", lambda at: at.pane.editing.mix_down()),
    ("crossfade", "Crossfade", "X", "intersect", lambda at: at.pane.editing.crossfade()),
    ("group", "Group the clips", "Ctrl+G", "folder-plus", lambda at: at.pane.editing.group()),
    ("ungroup", "Ungroup", "Ctrl+Shift+G", "folder-minus", lambda at: at.pane.editing.ungroup()),
    ("mute-clip", "Mute or unmute the clip", "Ctrl+M", "speaker-slash", lambda at: at.pane.editing.mute_clips()),
    ("louder", "Make the clip louder by 1 dB", "Alt+Shift+Up", "speaker-high",
     lambda at: at.pane.editing.change_gain(1.0)),
    ("softer", "Make the clip softer by 1 dB", "Alt+Shift+Down", "speaker-low",
     lambda at: at.pane.editing.change_gain(-1.0)),
    ("nudge-left", "Move the clip left by the grid", "Alt+Left", "arrow-left", lambda at: at.pane.editing.nudge(-1)),
    ("nudge-right", "Move the clip right by the grid", "Alt+Right", "arrow-right",
     lambda at: at.pane.editing.nudge(1)),
    ("clip-up", "Move the clip to the track above", "Alt+Up", "arrow-up", lambda at: at.pane.editing.shift_rows(-1)),
    ("clip-down", "Move the clip to the track below", "Alt+Down", "arrow-down",
     lambda at: at.pane.editing.shift_rows(1)),
    ("all", "Select all clips", "Ctrl+A", "selection-all", lambda at: at.pane.editing.choose_all()),
    ("none", "Select nothing", "Ctrl+Shift+A", "selection-slash", lambda at: at.pane.editing.choose_none()),
    ("next", "Next clip", "Right", "arrow-right", lambda at: at.pane.editing.step(1)),
    ("previous", "Previous clip", "Left", "arrow-left", lambda at: at.pane.editing.step(-1)),
    ("below", "Track below", "Down", "arrow-down", lambda at: at.pane.editing.step_track(1)),
    ("above", "Track above", "Up", "arrow-up", lambda at: at.pane.editing.step_track(-1)),
    ("longer", "Select more time", "Shift+Right", "arrow-line-right", lambda at: at.pane.editing.extend_region(1)),
    ("shorter", "Select less time", "Shift+Left", "arrow-line-left", lambda at: at.pane.editing.extend_region(-1)),
]
TAKES: list[Row] = [
    ("take-next", "Next take", ".", "caret-right", lambda at: at.generating.takes.step(1)),
    ("take-previous", "Previous take", ",", "caret-left", lambda at: at.generating.takes.step(-1)),
    ("take-keep", "Keep only this take", "", "check", lambda at: at.generating.takes.keep()),
    ("take-delete", "Delete this take", "", "trash", lambda at: at.generating.takes.remove()),
    ("take-tracks", "Put takes on tracks of their own", "", "rows", lambda at: at.generating.takes.spread()),
]
TRACKS: list[Row] = [
    ("mute", "Mute the track", "M", "speaker-slash", lambda at: at.pane.editing.set_track("mute", "Mute")),
    ("solo", "Solo the track", "Shift+M", "headphones", lambda at: at.pane.editing.set_track("solo", "Solo")),
    ("arm", "Record on this track", "Shift+R", "record", lambda at: at.pane.editing.set_track("armed", "Arm")),
    ("spectrogram", "Show as a spectrogram", "", "chart-bar", lambda at: at.pane.editing.toggle_view()),
    ("add-voice", "Add a voice track", "", "microphone", lambda at: at.pane.editing.add_track("voice", "Voice")),
    ("add-music", "Add a music track", "", "music-notes", lambda at: at.pane.editing.add_track("music", "Music")),
    ("add-ambience", "Add an ambience track", "", "wind",
     lambda at: at.pane.editing.add_track("ambience", "Ambience")),
    ("add-notes", "Add a notes track", "", "piano-keys", lambda at: at.pane.editing.add_track("notes", "Notes")),
    ("marker", "Marker at the playhead", "Ctrl+Alt+M", "flag", lambda at: at.pane.editing.marker()),
    ("label", "Label the selection", "Ctrl+B", "tag", lambda at: at.pane.editing.label()),
]
VIEW: list[Row] = [
    ("snap", "Snap to the grid and to edges", "N", "magnet", lambda at: at.pane.editing.toggle_snap()),
    ("zoom-in", "Zoom in", "Ctrl+=", "magnifying-glass-plus", lambda at: at.pane.editing.zoom(2.0)),
    ("zoom-out", "Zoom out", "Ctrl+-", "magnifying-glass-minus", lambda at: at.pane.editing.zoom(0.5)),
    ("zoom-selection", "Zoom to the selection", "Shift+E", "arrows-in-line-horizontal",
     lambda at: at.pane.editing.zoom_chosen()),
    ("zoom-all", "Show everything", "Shift+F", "arrows-out-line-horizontal", lambda at: at.pane.editing.zoom_all()),
]
FILES: list[Row] = [
    ("captions", "Captions", "", "subtitles", lambda at: at.makers.show_captions()),
    ("caption-speech", "Caption the spoken sentences", "", "closed-captioning",
     lambda at: at.makers.show_captions().from_speech()),
    ("caption-split", "Split the caption at the playhead", "", "scissors",
     lambda at: at.makers.show_captions().split()),
    ("caption-export", "Export captions…", "", "export", lambda at: at.exporting.ask_captions("srt")),
    ("scene", "Take a scene from Write…", "", "book-open-text", lambda at: at.makers.scenes.ask()),
    ("import", "Import sound, a film, MIDI or captions…", "Ctrl+Shift+I", "download-simple",
     lambda at: at.bringing.ask()),
    ("export", "Export…", "Ctrl+Shift+E", "export", lambda at: at.exporting.ask()),
]
WINDOW_KEYS = {"import", "export", "zoom-in", "zoom-out"}
"""Those whose keys mean nothing else anywhere in this workspace; the others need the timeline to have the focus."""


def sound_commands(desk: Desk) -> list[Command]:
    """Their keys work while the Sound workspace is in front."""

    def at_sound() -> bool:
        return desk.has_project() and desk.open is not None and desk.open.workbench.workspace == "sound"

    def on(run: Run) -> Callable[[], object]:
        return lambda: run(cast("SoundRoom", desk.open.workbench.room("sound"))) if desk.open is not None else None

    groups = (("Transport", TRANSPORT), ("Clips", CLIPS), ("Takes", TAKES), ("Tracks", TRACKS), ("View", VIEW),
              ("Sound", FILES))
    rows = [(row, group) for group, part in groups for row in part]
    return [Command(f"sound.{name}", title, group, key, on(run), at_sound, icon, "Go to Sound first", scope="sound",
                    here=name not in WINDOW_KEYS) for (name, title, key, icon, run), group in rows]
