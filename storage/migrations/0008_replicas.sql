-- Several processes on one database: who is alive, whose work a row is, and who may send when. On the embedded engine
-- there is one process, and only the columns are used.

CREATE TABLE replicas (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL                           -- by the database's clock; 0 when it left by itself
) STRICT;

-- Who applies and answers an update, and who is sending a message; 0 is nobody that is alive.
ALTER TABLE inbox ADD COLUMN replica_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN replica_id INTEGER NOT NULL DEFAULT 0;
-- Replies put off under one key: only the last of them is sent.
ALTER TABLE inbox ADD COLUMN put_off TEXT;
CREATE INDEX inbox_turn ON inbox (sender_id, id) WHERE status IN ('new', 'applied');
CREATE INDEX inbox_put_off ON inbox (sender_id, put_off, id) WHERE put_off IS NOT NULL;

-- One row for each message that may leave in a second; `at` is when it was used last, or is to be used.
CREATE TABLE send_slots (
    slot INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT;

-- Whether a file is still somebody's.
CREATE INDEX proofs_path ON proofs (path) WHERE path IS NOT NULL;
