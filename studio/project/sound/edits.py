"""All edits of an arrangement, in one name space: pure functions that give a new `Arrangement` (with the ids of what
they made, where they make something) and raise `SoundError` with one sentence. All times are seconds and are put on the
grid of the arrangement's frames; gains are dB."""

from __future__ import annotations

from studio.project.sound.captioning import caption_speech, merge_labels, split_label
from studio.project.sound.cutting import (
    Piece,
    clear_region,
    delete,
    insert_time,
    join,
    keep_region,
    replace_region,
    ripple_delete,
    ripple_delete_region,
    slip,
    split,
    split_clips,
    trim_end,
    trim_start,
)
from studio.project.sound.errors import SoundError
from studio.project.sound.marking import (
    add_label,
    add_labels,
    add_marker,
    change_label,
    change_marker,
    remove_labels,
    remove_markers,
)
from studio.project.sound.placing import (
    Copied,
    Snap,
    add_clip,
    copy,
    copy_region,
    duplicate,
    group,
    grouped,
    move,
    move_to,
    paste,
    snap,
    snapped_shift,
    ungroup,
)
from studio.project.sound.shaping import (
    add_gain,
    add_point,
    crossfade,
    move_point,
    remove_points,
    set_fade_in,
    set_fade_out,
    set_gain,
    set_muted,
    set_points,
    volume_at,
)
from studio.project.sound.speaking import (
    add_sentence,
    add_speech,
    respeak,
    script,
    sentences,
    set_rendering,
    set_score,
)
from studio.project.sound.taking import add_takes, keep_take, remove_take, set_take, spread_takes
from studio.project.sound.tracks import (
    add_track,
    clear_loop,
    duplicate_track,
    follow_tempo,
    move_track,
    remove_tracks,
    set_loop,
    set_master,
    set_metre,
    set_rate,
    set_tempo,
    set_track,
)
from studio.project.sound.values import new_id

__all__ = [
    "Copied", "Piece", "Snap", "SoundError", "add_clip", "add_gain", "add_label", "add_labels", "add_marker",
    "add_point", "add_sentence", "add_speech", "add_takes", "add_track", "caption_speech", "change_label",
    "change_marker", "clear_loop", "clear_region", "copy", "copy_region", "crossfade", "delete", "duplicate",
    "duplicate_track", "follow_tempo", "group", "grouped", "insert_time", "join", "keep_region", "keep_take",
    "merge_labels", "move", "move_point", "move_to", "move_track", "new_id", "paste", "remove_labels", "remove_markers",
    "remove_points", "remove_take", "remove_tracks", "replace_region", "respeak", "ripple_delete",
    "ripple_delete_region", "script", "sentences", "set_fade_in", "set_fade_out", "set_gain", "set_loop", "set_master",
    "set_metre", "set_muted", "set_points", "set_rate", "set_rendering", "set_score", "set_take", "set_tempo",
    "set_track", "slip", "snap", "snapped_shift", "split", "split_clips", "split_label", "spread_takes", "trim_end",
    "trim_start", "ungroup", "volume_at",
]
