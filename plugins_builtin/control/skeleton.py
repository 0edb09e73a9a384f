"""A pose as the picture that control nets for poses were trained on: 18 joints in OpenPose's order and colours.

Source: Cao et al. 2021, "OpenPose: Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields".
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Any

NOSE, NECK, RIGHT_SHOULDER, RIGHT_ELBOW, RIGHT_WRIST, LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST, RIGHT_HIP, RIGHT_KNEE, \
    RIGHT_ANKLE, LEFT_HIP, LEFT_KNEE, LEFT_ANKLE, RIGHT_EYE, LEFT_EYE, RIGHT_EAR, LEFT_EAR = range(18)
LIMBS = (
    (NECK, RIGHT_SHOULDER), (NECK, LEFT_SHOULDER), (RIGHT_SHOULDER, RIGHT_ELBOW), (RIGHT_ELBOW, RIGHT_WRIST),
    (LEFT_SHOULDER, LEFT_ELBOW), (LEFT_ELBOW, LEFT_WRIST), (NECK, RIGHT_HIP), (RIGHT_HIP, RIGHT_KNEE),
    (RIGHT_KNEE, RIGHT_ANKLE), (NECK, LEFT_HIP), (LEFT_HIP, LEFT_KNEE), (LEFT_KNEE, LEFT_ANKLE), (NECK, NOSE),
    (NOSE, RIGHT_EYE), (RIGHT_EYE, RIGHT_EAR), (NOSE, LEFT_EYE), (LEFT_EYE, LEFT_EAR),
)  # fmt: skip
COLOURS = tuple(
    tuple(round(255 * part) for part in colorsys.hsv_to_rgb(number / 18, 1, 1)) for number in range(18)
)
"""Red, green, blue of joint n, and of limb n (darker): once round the wheel."""
LIMB_SHADE = 0.6

Joint = tuple[float, float] | None
"""x, y in pixels, or None where it is not seen."""


def drawn(people: Sequence[Sequence[Joint]], width: int, height: int) -> Any:
    """uint8 (height, width, 3): skeletons on black. people: 18 joints each."""
    import cv2
    import numpy as np

    canvas = np.zeros((height, width, 3), np.uint8)
    thick = max(2, round(max(width, height) / 128))
    for joints in people:
        for number, (a, b) in enumerate(LIMBS):
            start, end = joints[a], joints[b]
            if start is None or end is None:
                continue
            shade = tuple(int(part * LIMB_SHADE) for part in COLOURS[number])
            cv2.line(canvas, _whole(start), _whole(end), shade, thick * 2, cv2.LINE_AA)
        for number, joint in enumerate(joints):
            if joint is not None:
                cv2.circle(canvas, _whole(joint), thick, COLOURS[number], -1, cv2.LINE_AA)
    return canvas


def _whole(joint: tuple[float, float]) -> tuple[int, int]:
    return round(joint[0]), round(joint[1])
