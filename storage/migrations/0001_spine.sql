-- The spine: what arrived, where each member stands in a conversation, what happened, what is owed to whom.
-- Times are milliseconds since 1970 UTC in columns ending in _at.

CREATE TABLE members (
    id               INTEGER PRIMARY KEY,
    telegram_user_id INTEGER UNIQUE,                      -- null once erased
    first_name       TEXT    NOT NULL DEFAULT '',
    language         TEXT    NOT NULL DEFAULT 'en',
    country          TEXT,                                -- ISO 3166-1 alpha-2, asked at the first Apply
    time_zone        TEXT    NOT NULL DEFAULT 'UTC',
    role             TEXT    NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'operator')),
    status           TEXT    NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'banned', 'erased')),
    reachable        INTEGER NOT NULL DEFAULT 1 CHECK (reachable IN (0, 1)),
    settings         TEXT    NOT NULL DEFAULT '{}',       -- JSON: remembered sort, quiet receipts...
    created_at       INTEGER NOT NULL,
    terms_at         INTEGER,                             -- terms accepted; null = only browsing so far
    seen_at          INTEGER NOT NULL
) STRICT;

-- Every update exactly as Telegram sent it, durable before it is confirmed.
CREATE TABLE inbox (
    id          INTEGER PRIMARY KEY,                      -- order of arrival
    bot_id      INTEGER NOT NULL,
    update_id   INTEGER NOT NULL,
    sender_id   INTEGER NOT NULL,                         -- whose turn it takes: the user, else the chat, else 0
    status      TEXT    NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'applied', 'answered', 'quarantined')),
    raw         TEXT,                                     -- JSON; gone once applied
    reply       TEXT,                                     -- JSON: the API calls that answer it
    attempts    INTEGER NOT NULL DEFAULT 0,               -- failed runs
    sends       INTEGER NOT NULL DEFAULT 0,               -- times the reply was sent again after a start
    error       TEXT,
    received_at INTEGER NOT NULL,
    applied_at  INTEGER,
    UNIQUE (bot_id, update_id)
) STRICT;
CREATE INDEX inbox_unfinished ON inbox (status, id) WHERE status IN ('new', 'applied');
CREATE INDEX inbox_old ON inbox (received_at) WHERE status IN ('answered', 'quarantined');

-- Where a member stands. At most one conversation is open; the others are parked with their draft.
CREATE TABLE dialogs (
    member_id    INTEGER NOT NULL REFERENCES members (id),
    conversation TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    draft        TEXT    NOT NULL DEFAULT '{}',
    open         INTEGER NOT NULL CHECK (open IN (0, 1)),
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (member_id, conversation)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX dialogs_one_open ON dialogs (member_id) WHERE open = 1;
CREATE INDEX dialogs_expiry ON dialogs (expires_at);

-- A fact, written in the unit that made it true.
CREATE TABLE events (
    id      INTEGER PRIMARY KEY,
    kind    TEXT    NOT NULL,
    payload TEXT    NOT NULL DEFAULT '{}',
    at      INTEGER NOT NULL
) STRICT;

-- One message owed to one member, rendered when it is sent. The outbox.
CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY,
    event_id   INTEGER NOT NULL REFERENCES events (id),
    member_id  INTEGER NOT NULL REFERENCES members (id),
    lane       TEXT    NOT NULL CHECK (lane IN ('receipt', 'screen', 'alert')),
    topic      TEXT,                                      -- later deliveries of a topic edit its message
    status     TEXT    NOT NULL DEFAULT 'due'
               CHECK (status IN ('due', 'sending', 'sent', 'skipped', 'failed')),
    due_at     INTEGER NOT NULL,
    expires_at INTEGER,
    attempts   INTEGER NOT NULL DEFAULT 0,
    message_id INTEGER,                                   -- Telegram's, once sent
    key        TEXT    NOT NULL UNIQUE,                   -- at most one delivery a key, whatever happens
    sent_at    INTEGER,
    error      TEXT
) STRICT;
CREATE INDEX deliveries_due ON deliveries (lane, due_at) WHERE status = 'due';
CREATE INDEX deliveries_sending ON deliveries (status) WHERE status = 'sending';
CREATE INDEX deliveries_message ON deliveries (member_id, message_id) WHERE topic IS NOT NULL AND message_id IS NOT NULL;
CREATE INDEX deliveries_topic ON deliveries (member_id, topic, id) WHERE topic IS NOT NULL;

-- Installation-wide facts that outlive the process: payouts_frozen, flood_until, last audit...
CREATE TABLE flags (
    name  TEXT PRIMARY KEY,
    value TEXT    NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a slot of a tick: the slot takes effect once, whoever ticks.
CREATE TABLE tick_slots (
    tick TEXT    NOT NULL,
    slot INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (tick, slot)
) STRICT, WITHOUT ROWID;

-- Who did what with an operator's rights.
CREATE TABLE audit_log (
    id        INTEGER PRIMARY KEY,
    member_id INTEGER REFERENCES members (id),
    action    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    detail    TEXT    NOT NULL DEFAULT '{}',
    at        INTEGER NOT NULL
) STRICT;
