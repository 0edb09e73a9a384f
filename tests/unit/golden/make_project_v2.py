"""Makes `v2.pieria`, the golden file of schema version 2: that of version 1, opened and painted on. It was run once,
when version 2 was the present one, and is kept to show what is in the file.

    PYTHONPATH=tests/unit python tests/unit/golden/make_project_v2.py
"""

from __future__ import annotations

import shutil
from pathlib import Path

from painting_kit import painting

from studio.project import Project

HERE = Path(__file__).parent


def main() -> None:
    path = Path(shutil.copy(HERE / "v1.pieria", HERE / "v2.pieria"))
    with Project.open(path) as project:
        document = project.documents("canvas")[0].id
        project.put_paint(document, project.paint(document), painting())


if __name__ == "__main__":
    main()
