"""Find people and their joints.

Source: Bazarevsky et al. 2020, "BlazePose: On-device Real-time Body Pose tracking", arXiv:2006.10204. The two networks
are those of the package mediapipe 0.10.14 (see THIRD_PARTY.md), run by LiteRT: one finds people, the other the joints
of each. Of the package nothing is run.
"""

from __future__ import annotations

from typing import Any

from plugins_builtin.control import skeleton
from studio.plugins import Device, GeneratorError, ModelFiles

DETECTOR, LANDMARKS = "pose_detection.tflite", "pose_landmark_full.tflite"
SIDE, CROP = 224, 256
"""Pixels along each side of what the two networks see."""
STRIDES = (8, 16, 32, 32, 32)
"""Of the detector's layers; each cell has two anchors of the whole picture's size."""
SURE, SEEN = 0.5, 0.5
"""Probability above which a person counts, and a joint."""
ROOM = 1.25
"""How much more than a person's circle is looked at."""
MOST = 4
"""People in a picture."""
OVERLAP = 0.3
"""Boxes that share more than this are of one person."""
OF_LANDMARKS = {
    skeleton.NOSE: 0, skeleton.LEFT_EYE: 2, skeleton.RIGHT_EYE: 5, skeleton.LEFT_EAR: 7, skeleton.RIGHT_EAR: 8,
    skeleton.LEFT_SHOULDER: 11, skeleton.RIGHT_SHOULDER: 12, skeleton.LEFT_ELBOW: 13, skeleton.RIGHT_ELBOW: 14,
    skeleton.LEFT_WRIST: 15, skeleton.RIGHT_WRIST: 16, skeleton.LEFT_HIP: 23, skeleton.RIGHT_HIP: 24,
    skeleton.LEFT_KNEE: 25, skeleton.RIGHT_KNEE: 26, skeleton.LEFT_ANKLE: 27, skeleton.RIGHT_ANKLE: 28,
}  # fmt: skip
"""Joint of the skeleton -> number among the network's 33."""


class Pose:
    """Both networks in memory."""

    def __init__(self, files: ModelFiles, device: Device) -> None:
        """Raises `GeneratorError` where a file is missing or damaged."""
        self._detector = _network(files, DETECTOR, device)
        self._landmarks = _network(files, LANDMARKS, device)
        self._anchors = anchors()

    def people(self, rgb: Any) -> list[list[skeleton.Joint]]:
        """18 joints for each person found in uint8 (height, width, 3), the surest first."""
        return [joints for circle in self._circles(rgb) if (joints := self._joints(rgb, circle)) is not None]

    def __call__(self, rgb: Any) -> Any:
        """uint8 (height, width, 3): the skeletons of all people, on black."""
        return skeleton.drawn(self.people(rgb), rgb.shape[1], rgb.shape[0])

    def _circles(self, rgb: Any) -> list[tuple[Any, Any]]:
        """For each person the middle of the hips and a point above it, on the circle round the whole body (pixels)."""
        import cv2
        import numpy as np

        height, width = rgb.shape[:2]
        ratio = SIDE / max(height, width)
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
        seen = np.zeros((SIDE, SIDE, 3), np.float32)
        seen[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        raw, scores = _run(self._detector, seen[None] / 127.5 - 1)
        chance = 1 / (1 + np.exp(-np.clip(scores[0, :, 0], -80, 80)))
        order = [int(n) for n in np.argsort(-chance) if chance[n] > SURE]
        boxes = raw[0] / SIDE
        found: list[tuple[Any, Any]] = []
        kept: list[Any] = []
        for number in order:
            box = boxes[number].copy()
            box[0:2] += self._anchors[number]
            if any(_shared(box, other) > OVERLAP for other in kept):
                continue
            kept.append(box)
            points = (box[4:8].reshape(2, 2) + self._anchors[number]) * SIDE
            found.append(tuple((point - (left, top)) / ratio for point in points))  # type: ignore[arg-type]
            if len(found) == MOST:
                break
        return found

    def _joints(self, rgb: Any, circle: tuple[Any, Any]) -> list[skeleton.Joint] | None:
        import cv2
        import numpy as np

        centre, above = (np.asarray(point, np.float64) for point in circle)
        up = above - centre
        radius = float(np.hypot(*up))
        if radius < 1:
            return None
        side = 2 * radius * ROOM
        y = -up / radius
        x = np.array([y[1], -y[0]])  # downwards and rightwards of the person who stands upright in the crop
        corner = centre - (x + y) * side / 2
        to_picture = np.stack([x * side / CROP, y * side / CROP, corner], axis=1)
        seen = cv2.warpAffine(rgb, to_picture, (CROP, CROP), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        points, sure = _run(self._landmarks, seen[None].astype(np.float32) / 255)[:2]
        if float(sure.reshape(-1)[0]) < SURE:
            return None
        marks = points.reshape(39, 5)
        chance = 1 / (1 + np.exp(-np.clip(marks[:, 3], -80, 80)))
        where = np.c_[marks[:, :2], np.ones(39)] @ to_picture.T
        joints: list[skeleton.Joint] = [None] * 18
        for joint, number in OF_LANDMARKS.items():
            if chance[number] > SEEN:
                joints[joint] = (float(where[number, 0]), float(where[number, 1]))
        left, right = joints[skeleton.LEFT_SHOULDER], joints[skeleton.RIGHT_SHOULDER]
        if left is not None and right is not None:
            joints[skeleton.NECK] = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
        return joints


def anchors() -> Any:
    """float32 (2254, 2): x, y of the detector's anchors as shares of the picture, in the order of its outputs."""
    import numpy as np

    parts, layer = [], 0
    while layer < len(STRIDES):
        stride, cells = STRIDES[layer], SIDE // STRIDES[layer]
        alike = sum(1 for other in STRIDES[layer:] if other == stride)  # layers of one stride are interleaved
        y, x = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([x, y], -1).reshape(-1, 1, 2) + 0.5) / cells
        parts.append(np.repeat(centres, 2 * alike, axis=1).reshape(-1, 2))
        layer += alike
    return np.concatenate(parts).astype(np.float32)


def _shared(a: Any, b: Any) -> float:
    """Intersection over union of boxes (centre x, centre y, width, height, ...)."""
    import numpy as np

    size = np.minimum(a[:2] + a[2:4] / 2, b[:2] + b[2:4] / 2) - np.maximum(a[:2] - a[2:4] / 2, b[:2] - b[2:4] / 2)
    inner = float(np.prod(np.maximum(size, 0)))
    return inner / max(float(np.prod(a[2:4]) + np.prod(b[2:4])) - inner, 1e-9)


def _network(files: ModelFiles, name: str, device: Device) -> Any:
    path = files.path / name
    if not path.is_file() or path.read_bytes()[4:8] != b"TFL3":
        raise GeneratorError(f"The model {files.name} cannot be loaded: {name} is missing or damaged. Install it "
                             "again.")
    from ai_edge_litert.interpreter import Interpreter

    try:
        network = Interpreter(str(path), num_threads=max(1, device.threads))
        network.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise GeneratorError(
            f"The model {files.name} cannot be loaded: {name} is damaged. Install it again."
        ) from error
    return network


def _run(network: Any, values: Any) -> list[Any]:
    import numpy as np

    network.set_tensor(network.get_input_details()[0]["index"], np.ascontiguousarray(values, np.float32))
    network.invoke()
    return [network.get_tensor(output["index"]) for output in network.get_output_details()]
