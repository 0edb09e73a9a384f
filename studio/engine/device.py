"""What this machine computes with, found out without importing torch."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import os
import platform
import re
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from studio.plugins import Device

BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""CPU flags (x86, x86, ARM) of machines that multiply bfloat16 faster than float32."""


def threads() -> int:
    """Physical cores that this process may use; more threads than that slow matrix products down."""
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, usable))


def fix_threads(count: int) -> None:
    """Tell numeric libraries their thread count, before the first is imported. The person's own setting wins."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(count))


@functools.cache
def detect() -> Device:
    """The best device of this machine that the installed torch can use: CUDA, MPS, else the CPU.

    $PIERIA_DEVICE ("cuda", "mps", "cpu") is the person's choice; one that is not there falls back to the CPU.
    """
    wish = os.environ.get("PIERIA_DEVICE", "auto")
    # A fixed OMP_NUM_THREADS changes how sums are split and so the last bits; what the recipe says must be what ran.
    fixed = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    count = int(fixed) if fixed.isdigit() and int(fixed) > 0 else threads()
    cuda = _cuda() if wish in ("auto", "cuda") else None
    if cuda is not None:
        name, capability = cuda
        return Device("cuda", "bfloat16" if capability >= 8 else "float16", name, count)
    metal = wish in ("auto", "mps") and sys.platform == "darwin" and platform.machine() == "arm64"
    if metal and importlib.util.find_spec("torch"):
        return Device("mps", "float16", cpu_name(), count)
    return Device("cpu", "bfloat16" if cpu_flags() & BF16_FLAGS else "float32", cpu_name(), count)


def cpu_flags() -> set[str]:
    """Feature flags from /proc/cpuinfo; empty where there is none."""
    match = re.search(r"^(?:flags|Features)\s*:(.*)$", _cpuinfo(), re.MULTILINE)
    return set(match[1].split()) if match else set()


def cpu_name() -> str:
    match = re.search(r"^model name\s*:(.*)$", _cpuinfo(), re.MULTILINE)
    return " ".join(match[1].split()) if match else platform.processor() or platform.machine() or "CPU"


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return ""


def _torch_has_cuda() -> bool:
    """Read from torch's version file whether it was built for CUDA."""
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.origin:
        return False
    with suppress(OSError):
        text = Path(spec.origin).with_name("version.py").read_text("utf-8", "replace")
        return re.search(r"^cuda\b[^=\n]*=\s*['\"]\d", text, re.MULTILINE) is not None
    return False


def _cuda() -> tuple[str, int] | None:
    """Name and major compute capability of the first CUDA device, from the driver alone."""
    if sys.platform == "darwin" or not _torch_has_cuda():
        return None
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None
    count, device, major = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    name = ctypes.create_string_buffer(128)
    compute_capability_major = 75  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return None
    if driver.cuDeviceGet(ctypes.byref(device), 0) or driver.cuDeviceGetName(name, len(name), device):
        return None
    if driver.cuDeviceGetAttribute(ctypes.byref(major), compute_capability_major, device):
        return None
    return name.value.decode("utf-8", "replace"), major.value
