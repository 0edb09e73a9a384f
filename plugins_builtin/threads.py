"""How numeric threads behave on a small machine."""

from __future__ import annotations

import os

from studio.plugins import Device


def share_cores(device: Device) -> None:
    """On two cores or fewer let waiting threads sleep soon. Call it before torch or llama.cpp is imported.

    libgomp reads the setting when it is first loaded. By default its threads spin while they wait, and where another
    program is busy they take the core from the very thread they wait for: measured on two busy cores, loading a model
    took over 40 s instead of 2 s, and writing ran at 3 instead of 36 tokens a second. Not spinning made a picture
    take 1.2 s instead of 0.7 s on a quiet machine, so they spin a little. The person's own setting wins.
    """
    if device.type == "cpu" and device.threads <= 2:
        os.environ.setdefault("GOMP_SPINCOUNT", "20000")
