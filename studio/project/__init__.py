"""The user's work: the `.pieria` file with its documents, results, recipes and queue. No Qt; Pillow only when used."""

from studio.project.compact import Compaction
from studio.project.errors import ProjectError
from studio.project.file import Project
from studio.project.rows import CanvasItem, DocumentRow, ResultQuery, ResultRow

__all__ = ["CanvasItem", "Compaction", "DocumentRow", "Project", "ProjectError", "ResultQuery",
           "ResultRow"]
