"""From the pen to dabs: smoothing, a curve through the points, dabs along it, and what one dab covers."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.project.paint.brush import Brush
from studio.project.paint.plane import Rect

Coverage: TypeAlias = NDArray[np.float32]
"""How much of each pixel is covered, 0-1."""

MOST_DABS = 50_000
"""In one piece of the path, however far the pen jumped."""
LEVELS = 64
"""Pressure is told apart in this many steps, so that stamps can be kept."""
CATCH_UP_MS = 8.0


class Sample(NamedTuple):
    """The pen at one moment: document pixels, pressure 0-1, tilt in degrees from upright, time in ms."""

    x: float
    y: float
    pressure: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    time: float = 0.0


class Dab(NamedTuple):
    """One print of the brush. cap: what it may raise the coverage to, 0-1. angle: clockwise, degrees."""

    x: float
    y: float
    size: float
    cap: float
    roundness: float
    angle: float


class Pen:
    """Turns samples into dabs. Fast strokes are curves: a centripetal Catmull-Rom spline (Yuksel et al. 2011) goes
    through the smoothed samples, one sample behind the pen until `end`. area: dabs that cannot touch it are left out.
    """

    def __init__(self, brush: Brush, seed: int = 0, area: Rect | None = None) -> None:
        self.brush, self._area = brush, area
        self._smooth = Stabiliser(brush.stabiliser)
        self._points: list[Sample] = []
        self._carry = 0.0
        self._random = np.random.default_rng(seed)

    def add(self, samples: Iterable[Sample]) -> list[Dab]:
        dabs: list[Dab] = []
        for sample in samples:
            dabs += self._reach(self._smooth.follow(sample))
        return dabs

    def end(self) -> list[Dab]:
        """The pen is lifted: catch up with it and draw the last piece."""
        dabs: list[Dab] = []
        for sample in self._smooth.catch_up():
            dabs += self._reach(sample)
        points = self._points
        if len(points) >= 2:
            before = points[-3] if len(points) > 2 else points[-2]
            dabs += self._along(before, points[-2], points[-1], points[-1])
        return dabs

    def _reach(self, sample: Sample) -> list[Dab]:
        points = self._points
        if not points:
            points.append(sample)
            return self._scattered([self._dab(sample)])
        if math.hypot(sample.x - points[-1].x, sample.y - points[-1].y) < 0.05:
            return []
        points.append(sample)
        if len(points) < 3:
            return []
        dabs = self._along(points[-4] if len(points) > 3 else points[-3], points[-3], points[-2], points[-1])
        del points[:-3]
        return dabs

    def _along(self, p0: Sample, p1: Sample, p2: Sample, p3: Sample) -> list[Dab]:
        """The dabs between p1 and p2."""
        chord = math.hypot(p2.x - p1.x, p2.y - p1.y)
        step = max(0.4, self.brush.spacing * self._size((p1.pressure + p2.pressure) / 2))
        pieces = min(256, 2 + int(chord / min(6.0, max(1.0, step / 2))))
        xy = spline(p0, p1, p2, p3, pieces)
        lengths = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
        total = float(lengths[-1])
        step = max(step, total / MOST_DABS)
        places = np.arange(max(0.0, step - self._carry), total, step)
        self._carry = total - float(places[-1]) if len(places) else self._carry + total
        if not len(places):
            return []
        xs, ys = np.interp(places, lengths, xy[:, 0]), np.interp(places, lengths, xy[:, 1])
        share, near = places / total, self._near(xs, ys)
        dabs = []
        for x, y, t in zip(xs[near].tolist(), ys[near].tolist(), share[near].tolist(), strict=True):
            dabs.append(self._dab(Sample(x, y, p1.pressure + (p2.pressure - p1.pressure) * t,
                                         p1.tilt_x + (p2.tilt_x - p1.tilt_x) * t,
                                         p1.tilt_y + (p2.tilt_y - p1.tilt_y) * t)))
        return self._scattered(dabs)

    def _near(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which dabs may touch the area."""
        if self._area is None:
            return np.ones(len(xs), np.bool_)
        brush, area = self.brush, self._area
        reach = brush.size * (0.5 + 2 * brush.scatter) + abs(brush.grow) + brush.feather + 2
        near: NDArray[np.bool_] = ((xs > area.x - reach) & (xs < area.right + reach)
                                   & (ys > area.y - reach) & (ys < area.bottom + reach))
        return near

    def _size(self, pressure: float) -> float:
        brush = self.brush
        if not brush.pressure_size:
            return brush.size
        level = round(min(1.0, max(0.0, pressure)) * LEVELS) / LEVELS
        return brush.size * (brush.least_size + (1 - brush.least_size) * level)

    def _dab(self, at: Sample) -> Dab:
        brush = self.brush
        roundness, angle = brush.roundness, brush.angle
        tilt = math.hypot(at.tilt_x, at.tilt_y)
        if brush.tilt and tilt > 5:
            # In steps, so that stamps can be kept: 8 of flatness, 10 degrees of direction.
            flat = round(min(1.0, (tilt - 5) / 55) * 8) / 8
            roundness *= 1 - 0.65 * flat
            angle = round(math.degrees(math.atan2(at.tilt_y, at.tilt_x)) / 10) * 10.0
        cap = min(1.0, max(0.0, at.pressure)) if brush.pressure_opacity else 1.0
        return Dab(at.x, at.y, self._size(at.pressure), cap, roundness, angle)

    def _scattered(self, dabs: list[Dab]) -> list[Dab]:
        if self.brush.scatter <= 0:
            return dabs
        spread = self._random.normal(0.0, 0.5, (len(dabs), 2)) * self.brush.scatter * self.brush.size
        sizes = 0.35 + 0.65 * self._random.integers(0, 9, len(dabs)) / 8
        return [dab._replace(x=dab.x + dx, y=dab.y + dy, size=dab.size * size)
                for dab, (dx, dy), size in zip(dabs, spread.tolist(), sizes.tolist(), strict=True)]


class Stabiliser:
    """Follows the pen like a weight on a spring without bounce: a low-pass filter over time, so that the rate of the
    events does not matter. amount: 0-1; 1 lags about a sixth of a second."""

    def __init__(self, amount: float) -> None:
        self._tau = 160.0 * amount * amount
        self._at: Sample | None = None
        self._pen: Sample | None = None

    def follow(self, pen: Sample) -> Sample:
        if self._at is None or self._pen is None or self._tau < 1:
            self._at = pen
        else:
            self._at = self._towards(pen, min(50.0, max(1.0, pen.time - self._pen.time)))
        self._pen = pen
        return self._at

    def catch_up(self) -> list[Sample]:
        """The rest of the way to the pen, which has stopped."""
        out: list[Sample] = []
        pen = self._pen
        while pen is not None and self._at is not None and len(out) < 64:
            if math.hypot(pen.x - self._at.x, pen.y - self._at.y) < 0.5:
                break
            self._at = self._towards(pen, CATCH_UP_MS)
            out.append(self._at)
        return out if pen is None or self._at == pen else [*out, pen]

    def _towards(self, pen: Sample, ms: float) -> Sample:
        at, share = self._at, 1.0 - math.exp(-ms / self._tau)
        if at is None:
            return pen
        x, y, pressure, tilt_x, tilt_y = (a + (p - a) * share for a, p in zip(at[:5], pen[:5], strict=True))
        return Sample(x, y, pressure, tilt_x, tilt_y, pen.time)


def spline(p0: Sample, p1: Sample, p2: Sample, p3: Sample, pieces: int) -> NDArray[np.float64]:
    """Points (pieces + 1, 2) of the centripetal Catmull-Rom curve from p1 to p2, by Barry and Goldman's pyramid."""
    points = [np.array(p[:2], np.float64) for p in (p0, p1, p2, p3)]
    knots = [0.0]
    for a, b in pairwise(points):
        knots.append(knots[-1] + max(1e-4, math.sqrt(math.hypot(*(b - a)))))
    t = np.linspace(knots[1], knots[2], pieces + 1)[:, None]

    def blend(a: NDArray[np.float64], b: NDArray[np.float64], ta: float, tb: float) -> NDArray[np.float64]:
        mixed: NDArray[np.float64] = ((tb - t) * a + (t - ta) * b) / (tb - ta)
        return mixed

    line = [blend(points[i], points[i + 1], knots[i], knots[i + 1]) for i in range(3)]
    # An end of the stroke has no neighbour: its tangent is the chord.
    if p0[:2] == p1[:2]:
        line[0] = line[1]
    if p3[:2] == p2[:2]:
        line[2] = line[1]
    curve = [blend(line[i], line[i + 1], knots[i], knots[i + 2]) for i in range(2)]
    return blend(curve[0], curve[1], knots[1], knots[2])


class Stamps:
    """Dabs as arrays, kept while they are in use. Not for several threads."""

    def __init__(self, budget: int = 48 * 1024 * 1024) -> None:
        self.budget = budget
        self._kept: OrderedDict[tuple[float, ...], Coverage] = OrderedDict()
        self._bytes = 0

    def get(self, brush: Brush, dab: Dab) -> tuple[Coverage, int, int]:
        """The coverage of a dab and the pixel of its top left corner (x, y)."""
        fine = 4 if dab.size <= 64 else 2 if dab.size <= 200 else 1
        column, row = math.floor(dab.x), math.floor(dab.y)
        fx = (math.floor((dab.x - column) * fine) + 0.5) / fine
        fy = (math.floor((dab.y - row) * fine) + 0.5) / fine
        key = (dab.size, brush.hardness, brush.feather, brush.grow, dab.roundness, dab.angle, fx, fy)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = stamp(*key)
            self._bytes += found.nbytes
            while self._bytes > self.budget and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
        else:
            self._kept.move_to_end(key)
        half = found.shape[0] // 2
        return found, column - half, row - half


def stamp(size: float, hardness: float, feather: float, grow: float, roundness: float, angle: float, fx: float,
          fy: float) -> Coverage:
    """A dab as a (2n + 1, 2n + 1) array whose centre lies at (fx, fy) within the middle pixel, each 0-1.

    Coverage is 1 inside, and falls to 0 as a smooth step over `feather` pixels about the rim, or inwards from the rim
    over the share 1 - hardness of the radius. A hard rim is one pixel wide.
    """
    radius = max(0.05, size / 2 + grow)
    soft = (1 - hardness) * radius
    inner, outer = (radius - soft, radius) if soft > 1 else (radius - 0.5, radius + 0.5)
    if feather > 1:
        inner, outer = min(inner, radius - feather / 2), max(outer, radius + feather / 2)
    half = math.ceil(outer + 0.5)
    if outer < 3:
        fine = _distance(half, fx, fy, roundness, angle, 8)[0] <= radius
        side = 2 * half + 1
        share: Coverage = fine.reshape(side, 8, side, 8).mean(axis=(1, 3), dtype=np.float32)
        return share
    distance, slope = _distance(half, fx, fy, roundness, angle)
    if slope is not None and outer - inner <= 1:
        distance = (distance - radius) / slope + radius
    t = (outer - distance) * np.float32(1 / (outer - inner))
    np.clip(t, 0, 1, out=t)
    if outer - inner > 1:
        t *= t * (3 - 2 * t)
    return t


def _distance(half: int, fx: float, fy: float, roundness: float, angle: float,
              fine: int = 1) -> tuple[Coverage, Coverage | None]:
    """The distance of each of `fine` x `fine` points of each pixel from the centre, in the dab's own flattened space,
    and how fast it grows there (None for a round dab: by 1)."""
    line = (np.arange((2 * half + 1) * fine, dtype=np.float32) + 0.5) / fine - half
    x, y = (line - np.float32(fx))[None, :], (line - np.float32(fy))[:, None]
    if roundness >= 1:
        return np.sqrt(x * x + y * y), None
    turn = math.radians(angle)
    cos, sin = np.float32(math.cos(turn)), np.float32(math.sin(turn))
    along, across = x * cos + y * sin, (y * cos - x * sin) / np.float32(roundness)
    distance = np.sqrt(along * along + across * across)
    safe = np.maximum(distance, np.float32(1e-3))
    slope = np.sqrt((along / safe) ** 2 + (across / (safe * np.float32(roundness))) ** 2)
    return distance, np.maximum(slope, np.float32(1))
