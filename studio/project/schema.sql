-- Version 3 of the .pieria file. Times are seconds since 1970 (UTC). JSON is UTF-8 text.

CREATE TABLE meta (              -- "id", "title", "created", and "state.<key>" for what the window remembers (JSON)
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE media (             -- every blob once, by the SHA-256 of its bytes
  sha256     TEXT PRIMARY KEY,
  media_type TEXT NOT NULL,
  size       INTEGER NOT NULL,
  data       BLOB NOT NULL
);

CREATE TABLE result (
  seq          INTEGER PRIMARY KEY,          -- order of arrival; also the row of the search index
  id           TEXT NOT NULL UNIQUE,
  created      REAL NOT NULL,
  kind         TEXT NOT NULL,                -- image, text, audio, score, video, mesh
  media        TEXT NOT NULL REFERENCES media(sha256),
  generator    TEXT NOT NULL,
  title        TEXT NOT NULL,
  prompt       TEXT NOT NULL,
  seed         INTEGER,
  batch        TEXT NOT NULL,
  batch_index  INTEGER NOT NULL,
  job          TEXT NOT NULL,
  starred      INTEGER NOT NULL DEFAULT 0,
  liked        INTEGER NOT NULL DEFAULT 0 CHECK (liked IN (-1, 0, 1)),
  deleted      REAL,                         -- when it was thrown away; NULL while it is there
  text_preview TEXT NOT NULL,
  meta         TEXT NOT NULL,
  recipe       TEXT NOT NULL
);
-- The row number ends every index, so that "the newest of these" reads from its end without sorting.
CREATE INDEX result_by_age ON result(deleted);
CREATE INDEX result_by_kind ON result(deleted, kind);
CREATE INDEX result_by_media ON result(media);
CREATE INDEX result_by_batch ON result(batch) WHERE batch <> '';
CREATE INDEX result_starred ON result(deleted, kind) WHERE starred = 1;
CREATE INDEX result_liked ON result(liked, deleted) WHERE liked <> 0;

CREATE TABLE thumbnail (         -- apart from result, so that listing results reads no pictures
  result TEXT PRIMARY KEY REFERENCES result(id),
  data   BLOB NOT NULL
);

-- Words of prompt and text, without a second copy of them. Results are marked as deleted; only compact.py removes them.
CREATE VIRTUAL TABLE result_fts USING fts5(
  prompt, text, content='', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);

CREATE TABLE document (
  id       TEXT PRIMARY KEY,
  kind     TEXT NOT NULL CHECK (kind IN ('canvas', 'manuscript', 'sound')),
  title    TEXT NOT NULL,
  position INTEGER NOT NULL,
  state    TEXT NOT NULL,
  updated  REAL NOT NULL
);

CREATE TABLE canvas_item (       -- pictures on canvases as version 1 kept them; paint_document took their place
  id       TEXT PRIMARY KEY,
  document TEXT NOT NULL REFERENCES document(id),
  media    TEXT REFERENCES media(sha256),
  result   TEXT REFERENCES result(id),       -- the result it shows, if it is one
  x        REAL NOT NULL,                    -- canvas pixels; x, y is the top left corner
  y        REAL NOT NULL,
  width    REAL NOT NULL,
  height   REAL NOT NULL,
  z        REAL NOT NULL,                    -- higher is in front
  name     TEXT NOT NULL,
  opacity  REAL NOT NULL,
  visible  INTEGER NOT NULL,
  locked   INTEGER NOT NULL
);
CREATE INDEX canvas_item_by_document ON canvas_item(document, z);

CREATE TABLE paint_document (    -- what is painted on a canvas
  document TEXT PRIMARY KEY REFERENCES document(id),
  width    INTEGER NOT NULL,                 -- of the artboard, in pixels
  height   INTEGER NOT NULL,
  tree     TEXT NOT NULL,                    -- JSON: {"layers": [...] (rearmost first), "active", "selection", "mask"}
  revision TEXT NOT NULL                     -- names this content; '' while pixels still have to be taken from media
);

CREATE TABLE paint_tile (        -- its pixels; a tile that is missing is all default
  document TEXT NOT NULL REFERENCES paint_document(document),
  plane    TEXT NOT NULL,                    -- "<layer>", "<layer>/mask", "selection", "mask"
  tx       INTEGER NOT NULL,                 -- column and row of 256 x 256 pixels; may be negative
  ty       INTEGER NOT NULL,
  data     BLOB NOT NULL,                    -- 0x01, then Zstandard: each row minus the one above, modulo 256
  PRIMARY KEY (document, plane, tx, ty)
);

CREATE TABLE manuscript_node (   -- parts, chapters and scenes, a tree
  id       TEXT PRIMARY KEY,
  document TEXT NOT NULL REFERENCES document(id),
  parent   TEXT REFERENCES manuscript_node(id),   -- NULL at the top
  kind     TEXT NOT NULL CHECK (kind IN ('part', 'chapter', 'scene')),
  title    TEXT NOT NULL,
  status   TEXT NOT NULL,                    -- planned, draft, revised, done
  goal     INTEGER NOT NULL,                 -- words; 0 is none
  synopsis TEXT NOT NULL,
  position INTEGER NOT NULL,                 -- among its siblings
  words    INTEGER NOT NULL,                 -- of a scene's text
  updated  REAL NOT NULL,
  trashed  REAL                              -- when it was thrown away; NULL while it is there
);
CREATE INDEX manuscript_node_by_document ON manuscript_node(document, parent, position);

CREATE TABLE manuscript_prose (  -- the text of a scene; positions count code points
  node   TEXT PRIMARY KEY REFERENCES manuscript_node(id),
  text   TEXT NOT NULL,
  blocks TEXT NOT NULL,                      -- JSON: [[style, level], ...], one a paragraph; the rest is body
  marks  TEXT NOT NULL,                      -- JSON: [[start, length, kind, value], ...]
  spans  TEXT NOT NULL,                      -- JSON: [{"start", "length", "origin", "recipe", "size"}, ...]
  cursor INTEGER NOT NULL
);

CREATE TABLE manuscript_snapshot (           -- a scene as it once was
  id      TEXT PRIMARY KEY,
  node    TEXT NOT NULL REFERENCES manuscript_node(id),
  created REAL NOT NULL,
  title   TEXT NOT NULL,
  words   INTEGER NOT NULL,
  text    TEXT NOT NULL,
  blocks  TEXT NOT NULL,
  marks   TEXT NOT NULL,
  spans   TEXT NOT NULL
);
CREATE INDEX manuscript_snapshot_by_node ON manuscript_snapshot(node, created);

CREATE TABLE manuscript_branch ( -- continuations that were not taken, or not yet
  id      TEXT PRIMARY KEY,
  node    TEXT NOT NULL REFERENCES manuscript_node(id),
  start   INTEGER NOT NULL,                  -- where in the scene it goes on
  text    TEXT NOT NULL,
  result  TEXT NOT NULL,                     -- id of the result, '' if unknown
  created REAL NOT NULL,
  kept    INTEGER NOT NULL
);
CREATE INDEX manuscript_branch_by_node ON manuscript_branch(node, start);

CREATE TABLE story_note (        -- characters, places, rules: what the model is told when a key occurs
  id       TEXT PRIMARY KEY,
  document TEXT NOT NULL REFERENCES document(id),
  title    TEXT NOT NULL,
  kind     TEXT NOT NULL,                    -- character, place, creature, rule, other, memory
  keys     TEXT NOT NULL,                    -- JSON: [word or /regex/, ...]
  text     TEXT NOT NULL,
  pinned   INTEGER NOT NULL,
  enabled  INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  position INTEGER NOT NULL,
  picture  TEXT NOT NULL,                    -- SHA-256 of a medium, '' for none
  extra    TEXT NOT NULL                     -- JSON: secondary keys, case, and what other programs keep
);
CREATE INDEX story_note_by_document ON story_note(document, position);

CREATE TABLE chat (
  id        TEXT PRIMARY KEY,
  document  TEXT NOT NULL REFERENCES document(id),
  title     TEXT NOT NULL,
  character TEXT NOT NULL,
  system    TEXT NOT NULL,
  created   REAL NOT NULL,
  state     TEXT NOT NULL                    -- JSON: "leaf" is the last message of what is shown
);
CREATE INDEX chat_by_document ON chat(document, created);

CREATE TABLE chat_message (      -- a tree: versions of a message are siblings
  id      TEXT PRIMARY KEY,
  chat    TEXT NOT NULL REFERENCES chat(id),
  parent  TEXT NOT NULL,                     -- '' for the first
  role    TEXT NOT NULL,                     -- user, assistant, system
  text    TEXT NOT NULL,
  created REAL NOT NULL,
  result  TEXT NOT NULL,
  state   TEXT NOT NULL
);
CREATE INDEX chat_message_by_chat ON chat_message(chat, created);

CREATE TABLE sound_piece (       -- tracks, clips, markers, ... of a sound document, a row each
  document TEXT NOT NULL REFERENCES document(id),
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  data     TEXT NOT NULL,                    -- JSON
  PRIMARY KEY (document, kind, id)
);

CREATE TABLE sound_peaks (       -- the drawn shape of a medium's sound; made again where it is missing
  media TEXT PRIMARY KEY REFERENCES media(sha256),
  data  BLOB NOT NULL
);

CREATE TABLE job (
  id       TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  lane     TEXT NOT NULL,
  state    TEXT NOT NULL,
  request  TEXT NOT NULL,
  error    TEXT,
  created  REAL NOT NULL,
  started  REAL,
  finished REAL
);
CREATE INDEX job_by_state ON job(state, position);
