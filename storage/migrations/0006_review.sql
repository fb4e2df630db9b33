-- Reviewing: Approve all as an order that ticks work off, and finding what was decided a moment ago.

CREATE TABLE approve_orders (
    id                  INTEGER PRIMARY KEY,
    job_id              INTEGER NOT NULL REFERENCES jobs (id),
    employer_id         INTEGER NOT NULL REFERENCES members (id),
    up_to_submission_id INTEGER NOT NULL,                 -- what came later was not seen when it was ordered
    status              TEXT    NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'cancelled')),
    total               INTEGER NOT NULL CHECK (total > 0),             -- proofs that waited when it was ordered
    approved            INTEGER NOT NULL DEFAULT 0 CHECK (approved >= 0),
    amount              INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0), -- rewards of those approved
    start_at            INTEGER NOT NULL,                 -- until then it can be undone
    created_at          INTEGER NOT NULL,
    done_at             INTEGER,
    version             INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX approve_orders_one_open ON approve_orders (job_id) WHERE status = 'open';
CREATE INDEX approve_orders_start ON approve_orders (start_at, id) WHERE status = 'open';
CREATE INDEX approve_orders_employer ON approve_orders (employer_id, id DESC);

CREATE INDEX submissions_decided ON submissions (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX submissions_by_clock ON submissions (job_id, decided_at) WHERE decided_by = 'clock';

-- Rejected places that are still kept, of one job.
CREATE INDEX assignments_frozen ON assignments (job_id, id) WHERE status = 'rejected' AND reopened_at IS NULL;

-- Reminders at one half and at four fifths of the review time.
CREATE INDEX submissions_half ON submissions ((submitted_at + review_by_at) / 2)
    WHERE status = 'pending' AND reminded = 0;
CREATE INDEX submissions_four_fifths ON submissions ((submitted_at + 4 * review_by_at) / 5)
    WHERE status = 'pending' AND reminded < 2;
