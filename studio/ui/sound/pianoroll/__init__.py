"""The piano roll: the notes of a clip, over the timeline and on its time axis."""
