"""Media by content hash, and the results made of them, with their full-text search."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable
from concurrent.futures import Future
from sqlite3 import Connection, Row
from typing import Any

from studio.project.errors import ProjectError
from studio.project.rows import Json, ResultQuery, ResultRow, dumps, loads
from studio.project.search import clean, indexed, match_query
from studio.project.store import Store

PREVIEW_CHARACTERS = 400
_COLUMNS = ("r.seq, r.id, r.created, r.kind, r.media, m.media_type, r.generator, r.title, r.prompt, r.seed, r.recipe, "
            "r.meta, r.batch, r.batch_index, r.starred, r.liked, r.deleted, r.text_preview, r.job")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keep_media(connection: Connection, sha: str, media_type: str, data: bytes) -> None:
    connection.execute("INSERT INTO media VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                       (sha, media_type, len(data), data))


def facts(recipe: Json) -> tuple[str, str, str, int | None]:
    """Generator id, its title, prompt and seed, as far as a recipe names them."""
    generator: Any = recipe.get("generator", "")
    title: Any = recipe.get("title", "")
    if isinstance(generator, dict):
        title = generator.get("title", title)
        generator = generator.get("id", "")
    params = recipe.get("params")
    params = params if isinstance(params, dict) else {}
    prompt = params.get("prompt", recipe.get("prompt", ""))
    seed = params.get("seed", recipe.get("seed"))
    fits = isinstance(seed, int) and not isinstance(seed, bool) and -2**63 <= seed < 2**63
    text = [clean(v) if isinstance(v, str) else "" for v in (generator, title, prompt)]
    return text[0], text[1], text[2], seed if fits else None


def _row(row: Row) -> ResultRow:
    (_, key, created, kind, media, media_type, generator, title, prompt, seed, recipe, meta, batch, index, starred,
     liked, deleted, preview, job) = row
    return ResultRow(key, created, kind, media, media_type, generator, title, prompt, seed, loads(recipe, {}),
                     loads(meta, {}), batch, index, bool(starred), liked, deleted, preview, job)


def _where(query: ResultQuery) -> tuple[str, list[Any]]:
    """Conditions on `result`, without the text."""
    parts, values = ["deleted IS NOT NULL" if query.deleted else "deleted IS NULL"], list[Any]()
    if query.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(query.kinds))})")
        values += query.kinds
    if query.starred:
        parts.append("starred = 1")
    if query.liked is not None:
        # the constant lets SQLite see that the partial index serves
        parts.append("liked = 0" if query.liked == 0 else f"liked = {int(query.liked)} AND liked <> 0")
    return " AND ".join(parts), values


class Results(Store):
    """The part of `Project` that keeps media and results."""

    _lent: dict[str, tuple[bytes, str]]
    """Media that are there only while the project is open, by content hash."""
    _put: set[str]
    """Media that were put since the project was opened: what needs them may still be on its way to the file."""

    # ------------------------------------------------------------ media

    def put_media(self, data: bytes, media_type: str) -> Future[str]:
        """Keep a file; the same bytes are kept once. The future's value is their SHA-256, 64 hexadecimal digits."""

        def apply(connection: Connection, sha: str) -> str:
            keep_media(connection, sha, media_type, data)
            self._put.add(sha)
            return sha

        return self._change(apply, lambda: sha256(data))

    def lend_media(self, data: bytes, media_type: str) -> str:
        """Let `media` give these bytes without keeping them in the file, until `return_media`; their SHA-256."""
        sha = sha256(data)
        self._lent[sha] = (data, media_type)
        return sha

    def keep_lent(self, sha: str) -> Future[str] | None:
        """Keep a lent file for good; None where it was not lent."""
        lent = self._lent.get(sha)
        return None if lent is None else self.put_media(*lent)

    def return_media(self, shas: Iterable[str]) -> None:
        """These are needed no longer."""
        for sha in shas:
            self._lent.pop(sha, None)

    def media(self, sha: str) -> tuple[bytes, str]:
        """Bytes and media type of a content hash. Raises KeyError where the project has none such."""
        with self._read() as connection:
            row = connection.execute("SELECT data, media_type FROM media WHERE sha256 = ?", (sha,)).fetchone()
        if row is not None:
            return bytes(row[0]), str(row[1])
        if (lent := self._lent.get(sha)) is None:
            raise KeyError(sha)
        return lent

    def media_types(self, shas: Iterable[str]) -> dict[str, str]:
        """Media type of each of these content hashes that the project has."""
        with self._read() as connection:
            found = connection.execute(
                "SELECT sha256, media_type FROM media WHERE sha256 IN (SELECT value FROM json_each(?))",
                (dumps(list(shas)),))
            return dict(found.fetchall())

    # ------------------------------------------------------------ results

    def add_result(self, *, kind: str, data: bytes, media_type: str, meta: Json, recipe: Json, job: str = "",
                   batch: str = "", index: int = 0, thumbnail: bytes = b"", text: str = "") -> Future[ResultRow]:
        """Keep a result: bytes, recipe, thumbnail and search words in one transaction.

        `text` is what can be searched besides the prompt; a text result's own words are it by default. A picture
        without `thumbnail` gets one, made on the writer's thread.
        """
        generator, title, prompt, seed = facts(recipe)
        if kind == "text" and not text:
            text = data.decode("utf-8", "replace")
        text = clean(text)
        stored_recipe, stored_meta = dumps(recipe), dumps(meta)
        row = ResultRow(secrets.token_hex(8), time.time(), kind, "", media_type, generator, title, prompt, seed,
                        loads(stored_recipe, {}), loads(stored_meta, {}), batch, index, False, 0, None,
                        text[:PREVIEW_CHARACTERS], job)

        def prepare() -> tuple[str, bytes]:
            return sha256(data), thumbnail or _thumbnail(kind, data)

        def apply(connection: Connection, prepared: tuple[str, bytes]) -> ResultRow:
            sha, small = prepared
            keep_media(connection, sha, media_type, data)
            done = ResultRow(**{**row.__dict__, "media": sha})
            cursor = connection.execute(
                "INSERT INTO result (id, created, kind, media, generator, title, prompt, seed, batch, batch_index, job,"
                " text_preview, meta, recipe) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (done.id, done.created, kind, sha, generator, title, prompt, seed, batch, index, job,
                 done.text_preview, stored_meta, stored_recipe))
            connection.execute("INSERT INTO result_fts (rowid, prompt, text) VALUES (?, ?, ?)",
                               (cursor.lastrowid, indexed(prompt), indexed(text)))
            if small:
                connection.execute("INSERT INTO thumbnail VALUES (?, ?)", (done.id, small))
            return done

        return self._change(apply, prepare)

    def results(self, query: ResultQuery | None = None) -> list[ResultRow]:
        """The results that match, newest first."""
        query = query or ResultQuery()
        where, values = _where(query)
        match = match_query(query.text)
        if match:
            chosen = (f"SELECT f.rowid FROM result_fts f JOIN result ON seq = f.rowid WHERE result_fts MATCH ? AND "
                      f"{where} ORDER BY f.rowid DESC LIMIT ? OFFSET ?")
            values.insert(0, match)
        else:
            chosen = f"SELECT seq FROM result WHERE {where} ORDER BY seq DESC LIMIT ? OFFSET ?"
        values += [max(0, query.limit), max(0, query.offset)]
        with self._read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM result r JOIN media m ON m.sha256 = r.media WHERE r.seq IN ({chosen}) "
                "ORDER BY r.seq DESC", values).fetchall()
        return [_row(row) for row in rows]

    def count_results(self, query: ResultQuery | None = None) -> int:
        """How many results match, whatever `limit` and `offset` say."""
        query = query or ResultQuery()
        where, values = _where(query)
        match = match_query(query.text)
        if match:
            where = f"{where} AND seq IN (SELECT rowid FROM result_fts WHERE result_fts MATCH ?)"
            values.append(match)
        with self._read() as connection:
            return int(connection.execute(f"SELECT count(*) FROM result WHERE {where}", values).fetchone()[0])

    def result(self, result_id: str) -> ResultRow:
        """One result, deleted or not. Raises KeyError."""
        with self._read() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM result r JOIN media m ON m.sha256 = r.media "
                                     "WHERE r.id = ?", (result_id,)).fetchone()
        if row is None:
            raise KeyError(result_id)
        return _row(row)

    def thumbnail(self, result_id: str) -> bytes:
        """A small picture of it as an encoded file, at most 160 pixels a side; b"" where there is none."""
        with self._read() as connection:
            row = connection.execute("SELECT data FROM thumbnail WHERE result = ?", (result_id,)).fetchone()
        return bytes(row[0]) if row else b""

    def set_starred(self, result_id: str, starred: bool) -> Future[None]:
        """Star it or not."""
        return self._set(result_id, "starred = ?", int(bool(starred)))

    def set_liked(self, result_id: str, liked: int) -> Future[None]:
        """-1 dislike, 0 neither, 1 like."""
        return self._set(result_id, "liked = ?", max(-1, min(1, int(liked))))

    def delete_result(self, result_id: str) -> Future[None]:
        """Throw it away; `restore_result` brings it back. The bytes stay, for whatever else shows them."""
        return self._set(result_id, "deleted = coalesce(deleted, ?)", time.time())

    def restore_result(self, result_id: str) -> Future[None]:
        """Take it out of the bin."""
        return self._set(result_id, "deleted = ?", None)

    def _set(self, result_id: str, assignment: str, value: Any) -> Future[None]:
        def apply(connection: Connection) -> None:
            done = connection.execute(f"UPDATE result SET {assignment} WHERE id = ?", (value, result_id))
            if done.rowcount == 0:
                raise ProjectError("This result is no longer in the project.", kind="missing")

        return self._change(apply)


def _thumbnail(kind: str, data: bytes) -> bytes:
    if kind != "image":
        return b""
    from studio.project.thumbnail import make_thumbnail

    return make_thumbnail(data)
