-- Version 2 of the .pieria file. Times are seconds since 1970 (UTC). JSON is UTF-8 text.

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
  kind     TEXT NOT NULL CHECK (kind IN ('canvas', 'manuscript')),
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

CREATE TABLE manuscript (
  document TEXT PRIMARY KEY REFERENCES document(id),
  text     TEXT NOT NULL,
  spans    TEXT NOT NULL,                    -- JSON: [{"start", "length", "origin", "recipe"}], in code points
  cursor   INTEGER NOT NULL
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
