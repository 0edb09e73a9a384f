"""The arrows that import-linter cannot draw: single modules of an outside package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_WIDGETS = ["plugins", "engine", "models", "project", "cli", "settings.py", "logs.py", "diagnostics.py"]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("part", NO_WIDGETS)
def test_widgets_only_in_ui_and_app(part: str) -> None:
    place = ROOT / "studio" / part
    for path in [place] if place.suffix else place.rglob("*.py"):
        assert not any(name.startswith("PySide6.QtWidgets") for name in imported(path)), path


def test_the_window_imports_no_model_library() -> None:
    code = ("import sys, studio.app; heavy = {'torch', 'diffusers', 'transformers', 'xllamacpp', 'plugins_builtin', "
            "'accelerate'}; sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 0, found.stderr


def test_help_imports_neither_qt_nor_torch() -> None:
    code = ("import sys\nfrom studio.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
            "sys.exit(' '.join(sorted({'torch', 'PySide6'} & set(sys.modules))) or 0)")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 0, found.stderr
