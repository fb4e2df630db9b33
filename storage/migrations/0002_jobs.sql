-- Jobs and the work done on them. Amounts are 1/10,000 of the currency's major unit.

CREATE TABLE categories (
    id             TEXT PRIMARY KEY,                      -- a word: 'surveys'
    position       INTEGER NOT NULL,
    enabled        INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    forbidden      INTEGER NOT NULL DEFAULT 0 CHECK (forbidden IN (0, 1)),  -- growth manipulation: off for a reason
    minimum_reward INTEGER NOT NULL CHECK (minimum_reward > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id              INTEGER PRIMARY KEY,
    token           TEXT    NOT NULL UNIQUE,              -- random, for deep links
    employer_id     INTEGER NOT NULL REFERENCES members (id),
    category_id     TEXT    NOT NULL REFERENCES categories (id),
    title           TEXT    NOT NULL,
    steps           TEXT    NOT NULL,                     -- JSON: list of texts
    requirements    TEXT    NOT NULL,                     -- JSON: list of {kind, text, count}
    language        TEXT    NOT NULL DEFAULT 'en',
    reward          INTEGER NOT NULL CHECK (reward > 0),  -- of the newest lot
    fee             INTEGER NOT NULL CHECK (fee >= 0),
    minutes         INTEGER NOT NULL CHECK (minutes > 0), -- the employer's estimate
    time_limit_minutes INTEGER NOT NULL CHECK (time_limit_minutes BETWEEN 5 AND 90),
    review_days     INTEGER NOT NULL CHECK (review_days BETWEEN 1 AND 14),
    per_member      INTEGER NOT NULL DEFAULT 1 CHECK (per_member >= 1),
    status          TEXT    NOT NULL CHECK (status IN ('draft', 'open', 'paused', 'filled', 'closed')),
    free_slots      INTEGER NOT NULL DEFAULT 0 CHECK (free_slots >= 0),  -- kept by trigger from the lots
    version         INTEGER NOT NULL DEFAULT 1,
    created_at      INTEGER NOT NULL,
    published_at    INTEGER,
    closed_at       INTEGER,
    alerted_at      INTEGER,                              -- null until the alert tick has looked at it
    -- The id as an ordinary column: SQLite does not compare (reward, id) by an index when id is the row's own key.
    listed          INTEGER GENERATED ALWAYS AS (id) VIRTUAL
) STRICT;
CREATE INDEX jobs_newest ON jobs (category_id, published_at DESC, listed DESC) WHERE status = 'open';
CREATE INDEX jobs_newest_all ON jobs (published_at DESC, listed DESC) WHERE status = 'open';
CREATE INDEX jobs_reward ON jobs (category_id, reward DESC, listed DESC) WHERE status = 'open';
CREATE INDEX jobs_reward_all ON jobs (reward DESC, listed DESC) WHERE status = 'open';
CREATE INDEX jobs_employer ON jobs (employer_id, id DESC);
CREATE INDEX jobs_to_alert ON jobs (id) WHERE status = 'open' AND alerted_at IS NULL;

-- Places of one price. taken = reserved, submitted or rejected-and-frozen; paid and released have left the escrow.
CREATE TABLE lots (
    id       INTEGER PRIMARY KEY,
    job_id   INTEGER NOT NULL REFERENCES jobs (id),
    reward   INTEGER NOT NULL CHECK (reward > 0),
    fee      INTEGER NOT NULL CHECK (fee >= 0),
    slots    INTEGER NOT NULL CHECK (slots >= 0),
    taken    INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0),
    paid     INTEGER NOT NULL DEFAULT 0 CHECK (paid >= 0),
    released INTEGER NOT NULL DEFAULT 0 CHECK (released >= 0),
    CHECK (taken + paid + released <= slots)
) STRICT;
CREATE INDEX lots_job ON lots (job_id);
CREATE TRIGGER lots_price_is_fixed BEFORE UPDATE OF job_id, reward, fee ON lots
BEGIN SELECT RAISE(ABORT, 'the price of a lot is fixed'); END;
CREATE TRIGGER lots_free_insert AFTER INSERT ON lots
BEGIN
    UPDATE jobs SET free_slots = free_slots + NEW.slots - NEW.taken - NEW.paid - NEW.released WHERE id = NEW.job_id;
END;
CREATE TRIGGER lots_free_update AFTER UPDATE OF slots, taken, paid, released ON lots
BEGIN
    UPDATE jobs SET free_slots = free_slots + (NEW.slots - NEW.taken - NEW.paid - NEW.released)
                               - (OLD.slots - OLD.taken - OLD.paid - OLD.released) WHERE id = NEW.job_id;
END;

CREATE TABLE assignments (
    id           INTEGER PRIMARY KEY,
    job_id       INTEGER NOT NULL REFERENCES jobs (id),
    lot_id       INTEGER NOT NULL REFERENCES lots (id),
    worker_id    INTEGER NOT NULL REFERENCES members (id),
    status       TEXT    NOT NULL CHECK (status IN ('reserved', 'submitted', 'approved', 'rejected', 'returned', 'expired')),
    reserved_at  INTEGER NOT NULL,
    deadline_at  INTEGER NOT NULL,                        -- reservation, or the fix round, ends
    extended     INTEGER NOT NULL DEFAULT 0 CHECK (extended IN (0, 1)),
    warned_at    INTEGER,
    submitted_at INTEGER,
    decided_at   INTEGER,
    pay_at       INTEGER,                                 -- approved: money moves then, unless undone
    paid_at      INTEGER,
    reopen_at    INTEGER,                                 -- rejected: the frozen place returns then
    reopened_at  INTEGER,
    version      INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX assignments_worker ON assignments (worker_id, status, id DESC);
CREATE INDEX assignments_job ON assignments (job_id, worker_id);
CREATE INDEX assignments_deadline ON assignments (deadline_at) WHERE status = 'reserved';
CREATE INDEX assignments_pay ON assignments (pay_at) WHERE status = 'approved' AND paid_at IS NULL;
CREATE INDEX assignments_reopen ON assignments (reopen_at) WHERE status = 'rejected' AND reopened_at IS NULL;
-- One live place of a job a member, whatever the races.
CREATE UNIQUE INDEX assignments_one_live ON assignments (job_id, worker_id) WHERE status IN ('reserved', 'submitted');

CREATE TABLE submissions (
    id             INTEGER PRIMARY KEY,
    assignment_id  INTEGER NOT NULL REFERENCES assignments (id),
    job_id         INTEGER NOT NULL REFERENCES jobs (id),
    round          INTEGER NOT NULL DEFAULT 1 CHECK (round IN (1, 2)),
    status         TEXT    NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'changes_requested')),
    answers        TEXT    NOT NULL DEFAULT '[]',         -- JSON: text answers by requirement
    reason         TEXT,                                  -- closed list, see bot/domain/review.py
    note           TEXT,
    decided_by     TEXT CHECK (decided_by IN ('employer', 'clock', 'operator')),
    submitted_at   INTEGER NOT NULL,
    review_by_at   INTEGER NOT NULL,                      -- approved and paid by the clock then
    reminded       INTEGER NOT NULL DEFAULT 0,            -- reminders sent: 0, 1 (50 %), 2 (80 %)
    decided_at     INTEGER,
    version        INTEGER NOT NULL DEFAULT 1,
    UNIQUE (assignment_id, round)
) STRICT;
CREATE INDEX submissions_queue ON submissions (job_id, submitted_at, id) WHERE status = 'pending';
CREATE INDEX submissions_clock ON submissions (review_by_at) WHERE status = 'pending';

-- One picture or file of a proof. Belongs to an assignment's draft until it is sent with a submission.
CREATE TABLE proofs (
    id             INTEGER PRIMARY KEY,
    assignment_id  INTEGER NOT NULL REFERENCES assignments (id),
    submission_id  INTEGER REFERENCES submissions (id),
    requirement    INTEGER NOT NULL,                      -- 0-based
    kind           TEXT    NOT NULL CHECK (kind IN ('photo', 'document')),
    file_id        TEXT    NOT NULL,                      -- as the worker sent it
    file_unique_id TEXT    NOT NULL,
    size           INTEGER NOT NULL DEFAULT 0,
    media_group_id TEXT,
    status         TEXT    NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'stored', 'refused', 'expired')),
    refusal        TEXT,
    path           TEXT,                                  -- re-encoded bytes, below data/proofs
    sha256         TEXT,                                  -- of the original bytes
    width          INTEGER,
    height         INTEGER,
    shown_file_id  TEXT,                                  -- what an employer is shown, once uploaded
    attempts       INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX proofs_assignment ON proofs (assignment_id, requirement, id);
CREATE INDEX proofs_submission ON proofs (submission_id, requirement, id);
CREATE INDEX proofs_new ON proofs (id) WHERE status = 'new';
CREATE INDEX proofs_unique ON proofs (file_unique_id);
CREATE INDEX proofs_sha256 ON proofs (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE subscriptions (
    member_id      INTEGER PRIMARY KEY REFERENCES members (id),
    enabled        INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    minimum_reward INTEGER NOT NULL CHECK (minimum_reward >= 0),
    categories     TEXT    NOT NULL DEFAULT '[]',         -- JSON list of category ids; empty = all
    muted_until_at INTEGER,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX subscriptions_reward ON subscriptions (minimum_reward) WHERE enabled = 1;

INSERT INTO categories (id, position, enabled, forbidden, minimum_reward) VALUES
    ('website_visits', 10, 1, 0, 200),
    ('reading_articles', 20, 1, 0, 300),
    ('surveys', 30, 1, 0, 1000),
    ('app_testing', 40, 1, 0, 1500),
    ('app_downloads', 50, 1, 0, 1000),
    ('sign_ups', 60, 1, 0, 1000),
    ('video_feedback', 70, 1, 0, 500),
    ('data_entry', 80, 1, 0, 500),
    ('copy_paste', 90, 1, 0, 300),
    ('image_categorising', 100, 1, 0, 200),
    ('writing', 110, 1, 0, 2000),
    ('social_media', 120, 1, 0, 300),
    ('research', 130, 1, 0, 1000),
    ('transcription', 140, 1, 0, 1500),
    ('translation', 150, 1, 0, 2000),
    ('local_photos', 160, 1, 0, 1500),
    ('other', 900, 1, 0, 200),
    ('likes', 910, 0, 1, 200),
    ('follows', 920, 0, 1, 200),
    ('upvotes', 930, 0, 1, 200),
    ('votes', 940, 0, 1, 200);
