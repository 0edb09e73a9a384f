"""The results of the project as a list model, and what a dragged result carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMetaType,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QImage

from studio.ui.widgets.media import RESULT_MIME

Index = QModelIndex | QPersistentModelIndex

KIND_WORDS = {"image": "Picture", "text": "Text", "audio": "Sound", "score": "Music", "video": "Film", "mesh": "3D"}


def words_of(result: Mapping[str, Any]) -> str:
    """A result as people hear it: "Picture, a red apple, starred"."""
    what = result.get("prompt") or result.get("text_preview") or result.get("title") or ""
    parts = [KIND_WORDS.get(str(result.get("kind")), "Result"), str(what)[:200]]
    if result.get("starred"):
        parts.append("starred")
    if result.get("liked"):
        parts.append("liked" if result["liked"] > 0 else "disliked")
    return ", ".join(p for p in parts if p)


def matches(result: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    """Whether a result belongs into what a query shows. query: kinds (empty for all), starred, text."""
    if query.get("kinds") and result.get("kind") not in query["kinds"]:
        return False
    if query.get("starred") and not result.get("starred"):
        return False
    text = str(query.get("text") or "").casefold().split()
    hay = f"{result.get('prompt', '')} {result.get('text_preview', '')} {result.get('title', '')}".casefold()
    return all(word in hay for word in text)


class ResultsModel(QAbstractListModel):
    """Results, the newest first. A row is the dict of one result: id, kind, media, prompt, text_preview, title, meta,
    starred, liked (-1, 0, 1)."""

    more_wanted = Signal(int)
    """The view has come to the end, and there is more: how many rows it has."""

    ResultRole = int(Qt.ItemDataRole.UserRole) + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[dict[str, Any]] = []
        self.total = 0
        self.export: Callable[[str], str] | None = None
        self.image: Callable[[str], QImage | None] = lambda _: None

    # ------------------------------------------------------------ changing

    def set_results(self, results: Sequence[Mapping[str, Any]], total: int | None = None) -> None:
        self.beginResetModel()
        self.rows = [dict(r) for r in results]
        self.total = len(self.rows) if total is None else max(total, len(self.rows))
        self.endResetModel()

    def append(self, results: Sequence[Mapping[str, Any]]) -> None:
        known = {row["id"] for row in self.rows}
        fresh = [dict(r) for r in results if r["id"] not in known]
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(fresh) - 1)
            self.rows += fresh
            self.total = max(self.total, len(self.rows))
            self.endInsertRows()

    def prepend(self, result: Mapping[str, Any]) -> None:
        if self.row_of(str(result["id"])) >= 0:
            self.update_result(result)
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self.rows.insert(0, dict(result))
        self.total += 1
        self.endInsertRows()

    def update_result(self, result: Mapping[str, Any]) -> bool:
        row = self.row_of(str(result["id"]))
        if row < 0:
            return False
        self.rows[row] = {**self.rows[row], **result}
        index = self.index(row)
        self.dataChanged.emit(index, index)
        return True

    def remove(self, result_id: str) -> int:
        """Take a row out; returns where it was, -1 if it was not there."""
        row = self.row_of(result_id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self.rows[row]
            self.total -= 1
            self.endRemoveRows()
        return row

    # ------------------------------------------------------------ reading

    def row_of(self, result_id: str) -> int:
        return next((i for i, row in enumerate(self.rows) if row["id"] == result_id), -1)

    def result(self, index: Index) -> dict[str, Any] | None:
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        result = self.result(index)
        if result is None:
            return None
        if role == self.ResultRole:
            return result
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return words_of(result)
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(result.get("prompt") or result.get("text_preview") or result.get("title") or "")[:600]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and len(self.rows) < self.total

    def fetchMore(self, parent: Index) -> None:
        self.more_wanted.emit(len(self.rows))

    # ------------------------------------------------------------ dragging

    def mimeTypes(self) -> list[str]:
        return [RESULT_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        result = self.result(indexes[0]) if indexes else None
        return ResultMime(result or {}, self.export, self.image)


class ResultMime(QMimeData):
    """One result: as JSON inside the studio; as a file, a picture or text for others.

    The file is written only when someone asks for it, that is on the drop.
    """

    def __init__(self, result: Mapping[str, Any], export: Callable[[str], str] | None,
                 image: Callable[[str], QImage | None]) -> None:
        super().__init__()
        self._result, self._export, self._image = dict(result), export, image
        self._path: str | None = None
        kind = self._result.get("kind")
        self._formats = [RESULT_MIME]
        if export is not None:
            self._formats.append("text/uri-list")
        if kind == "image":
            self._formats.append("application/x-qt-image")
        if kind == "text":
            self._formats.append("text/plain")

    def formats(self) -> list[str]:
        return list(self._formats)

    def hasFormat(self, mime: str) -> bool:
        return mime in self._formats

    def retrieveData(self, mime: str, wanted: Any) -> Any:
        if mime == RESULT_MIME:
            carried = {k: v for k, v in self._result.items() if k != "recipe"}
            return QByteArray(json.dumps(carried, default=str).encode("utf-8"))
        if mime == "text/uri-list":
            url = QUrl.fromLocalFile(self._file())
            as_list = isinstance(wanted, QMetaType) and str(wanted.name()) == "QVariantList"
            return [url] if as_list else QByteArray(url.toEncoded() + b"\r\n")
        if mime == "application/x-qt-image":
            return self._image(str(self._result.get("media", "")))
        if mime == "text/plain":
            return str(self._result.get("text") or self._result.get("text_preview") or "")
        return None

    def _file(self) -> str:
        if self._path is None:
            self._path = self._export(str(self._result.get("id", ""))) if self._export is not None else ""
        return self._path
