"""`python -m studio.shots FOLDER`"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QApplication

from studio.shots.photographer import Photographer

SIZE = (1600, 1000)


def main(folder: str) -> int:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    from studio.settings import Paths

    models = Paths.from_env().models
    with tempfile.TemporaryDirectory(prefix="pieria-shots-") as home:
        data = Path(home, "data")
        data.mkdir()
        if models.is_dir():
            (data / "models").symlink_to(models, target_is_directory=True)
        os.environ["PIERIA_HOME"] = home
        from studio.app import Studio

        app = QApplication(["pieria"])
        studio = Studio(app, Paths.from_env())
        studio.theme.set_mode("dark")
        studio.window.resize(*SIZE)
        studio.window.show()
        try:
            Photographer(studio, out).take_all()
        finally:
            studio.window.close()
            app.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build/shots"))
