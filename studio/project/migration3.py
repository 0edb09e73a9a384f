"""From version 2 to 3: manuscripts become parts, chapters and scenes, and the tables of sound documents are added.

The text of each manuscript becomes the one scene of one chapter, with who wrote what in it.
"""

from __future__ import annotations

from sqlite3 import Connection

from studio.project.manuscript.words import count_words

NEW_TABLES = """
CREATE TABLE manuscript_node (id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES document(id), parent TEXT
  REFERENCES manuscript_node(id), kind TEXT NOT NULL CHECK (kind IN ('part', 'chapter', 'scene')), title TEXT
  NOT NULL, status TEXT NOT NULL, goal INTEGER NOT NULL, synopsis TEXT NOT NULL, position INTEGER NOT NULL,
  words INTEGER NOT NULL, updated REAL NOT NULL, trashed REAL);
CREATE INDEX manuscript_node_by_document ON manuscript_node(document, parent, position);
CREATE TABLE manuscript_prose (node TEXT PRIMARY KEY REFERENCES manuscript_node(id), text TEXT NOT NULL, blocks
  TEXT NOT NULL, marks TEXT NOT NULL, spans TEXT NOT NULL, cursor INTEGER NOT NULL);
CREATE TABLE manuscript_snapshot (id TEXT PRIMARY KEY, node TEXT NOT NULL REFERENCES manuscript_node(id),
  created REAL NOT NULL, title TEXT NOT NULL, words INTEGER NOT NULL, text TEXT NOT NULL, blocks TEXT NOT NULL,
  marks TEXT NOT NULL, spans TEXT NOT NULL);
CREATE INDEX manuscript_snapshot_by_node ON manuscript_snapshot(node, created);
CREATE TABLE manuscript_branch (id TEXT PRIMARY KEY, node TEXT NOT NULL REFERENCES manuscript_node(id), start
  INTEGER NOT NULL, text TEXT NOT NULL, result TEXT NOT NULL, created REAL NOT NULL, kept INTEGER NOT NULL);
CREATE INDEX manuscript_branch_by_node ON manuscript_branch(node, start);
CREATE TABLE story_note (id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES document(id), title TEXT NOT
  NULL, kind TEXT NOT NULL, keys TEXT NOT NULL, text TEXT NOT NULL, pinned INTEGER NOT NULL, enabled INTEGER NOT
  NULL, priority INTEGER NOT NULL, position INTEGER NOT NULL, picture TEXT NOT NULL, extra TEXT NOT NULL);
CREATE INDEX story_note_by_document ON story_note(document, position);
CREATE TABLE chat (id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES document(id), title TEXT NOT NULL,
  character TEXT NOT NULL, system TEXT NOT NULL, created REAL NOT NULL, state TEXT NOT NULL);
CREATE INDEX chat_by_document ON chat(document, created);
CREATE TABLE chat_message (id TEXT PRIMARY KEY, chat TEXT NOT NULL REFERENCES chat(id), parent TEXT NOT NULL,
  role TEXT NOT NULL, text TEXT NOT NULL, created REAL NOT NULL, result TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX chat_message_by_chat ON chat_message(chat, created);
CREATE TABLE sound_piece (document TEXT NOT NULL REFERENCES document(id), kind TEXT NOT NULL, id TEXT NOT NULL,
  data TEXT NOT NULL, PRIMARY KEY (document, kind, id));
CREATE TABLE sound_peaks (media TEXT PRIMARY KEY REFERENCES media(sha256), data BLOB NOT NULL);
"""

# The kinds of documents are part of the table, so it is made anew. The foreign keys of the others go by its name, and
# `schema.migrate` has them switched off meanwhile (https://www.sqlite.org/lang_altertable.html, section 7).
_DOCUMENTS = """
CREATE TABLE new_document (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('canvas', 'manuscript', 'sound')), title TEXT NOT NULL,
  position INTEGER NOT NULL, state TEXT NOT NULL, updated REAL NOT NULL);
INSERT INTO new_document SELECT id, kind, title, position, state, updated FROM document;
DROP TABLE document;
ALTER TABLE new_document RENAME TO document;
"""


def to_version_3(connection: Connection) -> None:
    """Inside the caller's transaction, with foreign keys off."""
    for statement in (_DOCUMENTS + NEW_TABLES).split(";"):
        connection.execute(statement)
    rows = connection.execute("SELECT m.document, m.text, m.spans, m.cursor, d.updated FROM manuscript m "
                              "JOIN document d ON d.id = m.document").fetchall()
    for document, text, spans, cursor, updated in rows:
        add_first_scene(connection, document, updated, text, spans, cursor, count_words(text))
    connection.execute("DROP TABLE manuscript")


def add_first_scene(connection: Connection, document: str, now: float, text: str = "", spans: str = "[]",
                    cursor: int = 0, words: int = 0) -> None:
    """What every manuscript starts with: a chapter with a scene."""
    chapter, scene = f"{document}-ch1", f"{document}-sc1"
    connection.executemany(
        "INSERT INTO manuscript_node VALUES (?, ?, ?, ?, ?, 'draft', 0, '', 0, ?, ?, NULL)",
        [(chapter, document, None, "chapter", "Chapter 1", 0, now),
         (scene, document, chapter, "scene", "Scene 1", words, now)])
    connection.execute("INSERT INTO manuscript_prose VALUES (?, ?, '[]', '[]', ?, ?)", (scene, text, spans, cursor))
