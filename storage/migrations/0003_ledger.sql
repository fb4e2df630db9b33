-- The ledger: entries, their transfers and seals; what deposits and withdrawals it answers for.
-- Amounts are 1/10,000 of the currency's major unit. A transfer takes from `debit` and gives to `credit`.
-- Nothing here is ever updated or deleted but the accounts' totals, and those only by a transfer.

INSERT INTO flags (name, value, at) VALUES ('currency', 'USD', 0);  -- set at start, before the first account

-- What a member says they paid in, until an operator has seen it arrive.
CREATE TABLE deposits (
    id         INTEGER PRIMARY KEY,
    member_id  INTEGER NOT NULL REFERENCES members (id),
    amount     INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 10000000000000),
    reference  TEXT    NOT NULL CHECK (length(reference) BETWEEN 1 AND 64),
    status     TEXT    NOT NULL DEFAULT 'claimed' CHECK (status IN ('claimed', 'confirmed', 'refused')),
    version    INTEGER NOT NULL DEFAULT 1,
    claimed_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by INTEGER REFERENCES members (id),
    entry_id   INTEGER UNIQUE REFERENCES entries (id),
    CHECK ((status = 'confirmed') = (entry_id IS NOT NULL)),
    CHECK ((status = 'claimed') = (decided_at IS NULL))
) STRICT;
CREATE INDEX deposits_open ON deposits (id) WHERE status = 'claimed';
CREATE INDEX deposits_member ON deposits (member_id, id DESC);
CREATE UNIQUE INDEX deposits_reference_once ON deposits (reference) WHERE status = 'confirmed';
CREATE TRIGGER deposits_begin BEFORE INSERT ON deposits
WHEN NEW.status <> 'claimed' OR NEW.version <> 1 OR EXISTS (SELECT 1 FROM deposits WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a deposit begins as claimed'); END;
CREATE TRIGGER deposits_forward BEFORE UPDATE ON deposits
WHEN OLD.status <> NEW.status AND (OLD.status <> 'claimed' OR NEW.version <> OLD.version + 1)
BEGIN SELECT RAISE(ABORT, 'a deposit is decided once'); END;
CREATE TRIGGER deposits_facts BEFORE UPDATE ON deposits
WHEN NEW.id <> OLD.id OR NEW.member_id <> OLD.member_id OR NEW.amount <> OLD.amount
  OR (OLD.entry_id IS NOT NULL AND NEW.entry_id IS NOT OLD.entry_id)
BEGIN SELECT RAISE(ABORT, 'the facts of a deposit are fixed'); END;
CREATE TRIGGER deposits_stay BEFORE DELETE ON deposits
BEGIN SELECT RAISE(ABORT, 'a deposit stays'); END;

-- Requests to be paid out. The destination is readable with the key that is kept outside the database.
CREATE TABLE withdrawals (
    id           INTEGER PRIMARY KEY,
    member_id    INTEGER NOT NULL REFERENCES members (id),
    way          TEXT    NOT NULL CHECK (way IN ('paypal', 'jazzcash')),
    destination  TEXT,                                    -- encrypted; null once erased
    masked       TEXT    NOT NULL,
    fingerprint  TEXT    NOT NULL,                        -- HMAC of way and destination: equal, never readable
    amount       INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 10000000000000),
    fee          INTEGER NOT NULL CHECK (fee >= 0),
    net          INTEGER NOT NULL CHECK (net > 0),
    status       TEXT    NOT NULL DEFAULT 'requested'
                 CHECK (status IN ('requested', 'approved', 'sending', 'unknown', 'sent', 'paid', 'cancelled',
                                   'refused', 'failed', 'returned', 'reversed')),
    reference    TEXT,                                    -- the provider's, or what the operator typed
    version      INTEGER NOT NULL DEFAULT 1,
    requested_at INTEGER NOT NULL,
    payable_at   INTEGER NOT NULL,                        -- a changed destination waits
    approved_at  INTEGER,
    closed_at    INTEGER,
    decided_by   INTEGER REFERENCES members (id),         -- the operator who last moved it
    CHECK (amount = fee + net),
    CHECK (status NOT IN ('sent', 'paid', 'returned', 'reversed') OR reference IS NOT NULL),
    CHECK ((status IN ('requested', 'approved', 'sending', 'unknown', 'sent')) = (closed_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX withdrawals_one_live ON withdrawals (member_id)
    WHERE status IN ('requested', 'approved', 'sending', 'unknown', 'sent');
CREATE UNIQUE INDEX withdrawals_reference_once ON withdrawals (way, reference) WHERE reference IS NOT NULL;
CREATE INDEX withdrawals_queue ON withdrawals (id) WHERE status IN ('requested', 'approved', 'unknown');
CREATE INDEX withdrawals_member ON withdrawals (member_id, id DESC);
CREATE INDEX withdrawals_fingerprint ON withdrawals (fingerprint, member_id);
CREATE TRIGGER withdrawals_begin BEFORE INSERT ON withdrawals
WHEN NEW.status <> 'requested' OR NEW.version <> 1 OR NEW.destination IS NULL
BEGIN SELECT RAISE(ABORT, 'a withdrawal begins as requested'); END;
CREATE TRIGGER withdrawals_replace BEFORE INSERT ON withdrawals
WHEN EXISTS (SELECT 1 FROM withdrawals WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM withdrawals WHERE way = NEW.way AND reference = NEW.reference)
  OR EXISTS (SELECT 1 FROM withdrawals WHERE member_id = NEW.member_id
             AND status IN ('requested', 'approved', 'sending', 'unknown', 'sent'))
BEGIN SELECT RAISE(ABORT, 'a withdrawal stays, and a member has one at a time'); END;
CREATE TRIGGER withdrawals_forward BEFORE UPDATE ON withdrawals
WHEN OLD.status <> NEW.status AND (NEW.version <> OLD.version + 1 OR (OLD.status, NEW.status) NOT IN (VALUES
    ('requested', 'approved'), ('requested', 'cancelled'), ('requested', 'refused'),
    ('approved', 'sending'), ('approved', 'paid'), ('approved', 'refused'),
    ('sending', 'sent'), ('sending', 'unknown'), ('sending', 'failed'),
    ('unknown', 'paid'), ('unknown', 'failed'), ('unknown', 'returned'),
    ('sent', 'paid'), ('sent', 'failed'), ('sent', 'returned'),
    ('paid', 'reversed')))
BEGIN SELECT RAISE(ABORT, 'a withdrawal only goes forward'); END;
CREATE TRIGGER withdrawals_facts BEFORE UPDATE ON withdrawals
WHEN NEW.id <> OLD.id OR NEW.member_id <> OLD.member_id OR NEW.way <> OLD.way OR NEW.amount <> OLD.amount
  OR NEW.fee <> OLD.fee OR NEW.net <> OLD.net OR NEW.fingerprint <> OLD.fingerprint
  OR (OLD.reference IS NOT NULL AND NEW.reference IS NOT OLD.reference)
  OR (NEW.destination IS NOT OLD.destination AND (NEW.destination IS NOT NULL OR OLD.closed_at IS NULL))
BEGIN SELECT RAISE(ABORT, 'the facts of a withdrawal are fixed'); END;
CREATE TRIGGER withdrawals_stay BEFORE DELETE ON withdrawals
BEGIN SELECT RAISE(ABORT, 'a withdrawal stays'); END;

-- One account a purse. The name says kind and owner; the totals are moved by transfers only.
CREATE TABLE accounts (
    name         TEXT PRIMARY KEY,
    kind         TEXT    NOT NULL CHECK (kind IN ('funds', 'maturing', 'available', 'held', 'goal', 'escrow',
                                                  'clearing', 'fees', 'external')),
    member_id    INTEGER REFERENCES members (id),
    job_id       INTEGER REFERENCES jobs (id),
    currency     TEXT    NOT NULL CHECK (length(currency) = 3),
    debits       INTEGER NOT NULL DEFAULT 0 CHECK (debits >= 0),
    credits      INTEGER NOT NULL DEFAULT 0 CHECK (credits >= 0),
    overdraft_ok INTEGER NOT NULL DEFAULT 0 CHECK (overdraft_ok = (kind = 'external')),
    CHECK (overdraft_ok = 1 OR credits >= debits),
    CHECK ((kind IN ('funds', 'maturing', 'available', 'held', 'goal')) = (member_id IS NOT NULL)),
    CHECK ((kind = 'escrow') = (job_id IS NOT NULL)),
    CHECK (name = CASE WHEN kind = 'escrow' THEN 'job:' || job_id || ':escrow'
                       WHEN kind = 'fees' THEN 'platform:fees'
                       WHEN kind IN ('clearing', 'external') THEN kind || ':' || substr(name, length(kind) + 2)
                       ELSE 'member:' || member_id || ':' || kind END)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    id               INTEGER PRIMARY KEY,
    kind             TEXT    NOT NULL,
    key              TEXT    NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 100),
    content_hash     TEXT    NOT NULL CHECK (length(content_hash) = 64),
    previous_hash    TEXT    NOT NULL UNIQUE CHECK (length(previous_hash) = 64),
    job_id           INTEGER REFERENCES jobs (id),
    assignment_id    INTEGER REFERENCES assignments (id),
    deposit_id       INTEGER REFERENCES deposits (id),
    withdrawal_id    INTEGER REFERENCES withdrawals (id),
    matures_at       INTEGER,
    matures_entry_id INTEGER REFERENCES entries (id),
    reason           TEXT CHECK (reason IN ('paid_twice', 'wrong_amount', 'provider_error', 'goodwill')),
    at               INTEGER NOT NULL,
    FOREIGN KEY (id) REFERENCES seals (entry_id) DEFERRABLE INITIALLY DEFERRED,  -- unsealed is not committed
    CHECK (kind <> 'reward_paid' OR (assignment_id IS NOT NULL AND job_id IS NOT NULL)),
    CHECK (kind <> 'deposit' OR deposit_id IS NOT NULL),
    CHECK (kind NOT IN ('withdrawal_held', 'withdrawal_released', 'payout_sent', 'payout_settled', 'payout_returned')
           OR withdrawal_id IS NOT NULL),
    CHECK ((kind = 'reward_matured') = (matures_entry_id IS NOT NULL)),
    CHECK ((kind = 'correction') = (reason IS NOT NULL)),
    CHECK (matures_at IS NULL OR (kind = 'reward_paid' AND matures_at > at))
) STRICT;
CREATE UNIQUE INDEX entries_paid_once ON entries (assignment_id) WHERE kind = 'reward_paid';
CREATE UNIQUE INDEX entries_matured_once ON entries (matures_entry_id) WHERE matures_entry_id IS NOT NULL;
CREATE UNIQUE INDEX entries_deposit_once ON entries (deposit_id, kind) WHERE deposit_id IS NOT NULL;
CREATE UNIQUE INDEX entries_withdrawal_once ON entries (withdrawal_id, kind) WHERE withdrawal_id IS NOT NULL;
-- A hold is resolved once: given back or sent.
CREATE UNIQUE INDEX entries_hold_resolved_once ON entries (withdrawal_id)
    WHERE kind IN ('withdrawal_released', 'payout_sent');

CREATE TABLE transfers (
    id             INTEGER PRIMARY KEY,
    entry_id       INTEGER NOT NULL REFERENCES entries (id),
    debit          TEXT    NOT NULL REFERENCES accounts (name),
    credit         TEXT    NOT NULL REFERENCES accounts (name),
    amount         INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 10000000000000),
    debit_balance  INTEGER NOT NULL,                      -- of the account after this transfer: a statement needs
    credit_balance INTEGER NOT NULL,                      -- no sum, and a total can't change without a transfer
    CHECK (debit <> credit)
) STRICT;
CREATE INDEX transfers_entry ON transfers (entry_id);
CREATE INDEX transfers_debit ON transfers (debit, id);
CREATE INDEX transfers_credit ON transfers (credit, id);

CREATE TABLE seals (
    entry_id  INTEGER PRIMARY KEY REFERENCES entries (id),
    hash      TEXT    NOT NULL UNIQUE CHECK (length(hash) = 64),
    transfers INTEGER NOT NULL CHECK (transfers > 0)
) STRICT;

-- Rewards in the hold of their worker's level.
CREATE TABLE maturing (
    entry_id         INTEGER PRIMARY KEY REFERENCES entries (id),
    member_id        INTEGER NOT NULL REFERENCES members (id),
    amount           INTEGER NOT NULL CHECK (amount > 0),
    due_at           INTEGER NOT NULL,
    matured_entry_id INTEGER UNIQUE REFERENCES entries (id)
) STRICT;
CREATE INDEX maturing_due ON maturing (due_at, entry_id) WHERE matured_entry_id IS NULL;
CREATE INDEX maturing_member ON maturing (member_id, due_at) WHERE matured_entry_id IS NULL;

-- What each kind of entry may move between which kinds of account. A correction may move anything.
CREATE TABLE entry_moves (
    kind   TEXT NOT NULL,
    debit  TEXT NOT NULL,
    credit TEXT NOT NULL,
    PRIMARY KEY (kind, debit, credit)
) STRICT, WITHOUT ROWID;
INSERT INTO entry_moves (kind, debit, credit) VALUES
    ('deposit', 'external', 'funds'),
    ('deposit_refunded', 'funds', 'external'),
    ('job_funded', 'funds', 'escrow'),
    ('job_funded', 'available', 'escrow'),
    ('job_refunded', 'escrow', 'funds'),
    ('reward_paid', 'escrow', 'maturing'),
    ('reward_paid', 'escrow', 'available'),
    ('reward_paid', 'escrow', 'fees'),
    ('reward_matured', 'maturing', 'available'),
    ('withdrawal_held', 'available', 'held'),
    ('withdrawal_released', 'held', 'available'),
    ('payout_sent', 'held', 'clearing'),
    ('payout_sent', 'held', 'fees'),
    ('payout_settled', 'clearing', 'external'),
    ('payout_returned', 'clearing', 'available'),
    ('payout_returned', 'fees', 'available');

-- Append-only: UPDATE, DELETE, and INSERT OR REPLACE, which would delete without asking a DELETE trigger
-- wherever recursive_triggers is off.
CREATE TRIGGER entries_fixed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry stays'); END;
CREATE TRIGGER entries_replace BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id OR key = NEW.key OR previous_hash = NEW.previous_hash
             OR (NEW.kind = 'reward_paid' AND kind = 'reward_paid' AND assignment_id = NEW.assignment_id)
             OR matures_entry_id = NEW.matures_entry_id
             OR (deposit_id = NEW.deposit_id AND kind = NEW.kind)
             OR (withdrawal_id = NEW.withdrawal_id AND (kind = NEW.kind OR (
                 kind IN ('withdrawal_released', 'payout_sent') AND NEW.kind IN ('withdrawal_released', 'payout_sent')))))
BEGIN SELECT RAISE(ABORT, 'an entry is never replaced'); END;
CREATE TRIGGER transfers_fixed BEFORE UPDATE ON transfers
BEGIN SELECT RAISE(ABORT, 'a transfer is never changed'); END;
CREATE TRIGGER transfers_stay BEFORE DELETE ON transfers
BEGIN SELECT RAISE(ABORT, 'a transfer stays'); END;
CREATE TRIGGER transfers_replace BEFORE INSERT ON transfers
WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a transfer is never replaced'); END;
CREATE TRIGGER transfers_sealed BEFORE INSERT ON transfers
WHEN EXISTS (SELECT 1 FROM seals WHERE entry_id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'a sealed entry takes no more transfers'); END;
CREATE TRIGGER seals_fixed BEFORE UPDATE ON seals
BEGIN SELECT RAISE(ABORT, 'a seal is never changed'); END;
CREATE TRIGGER seals_stay BEFORE DELETE ON seals
BEGIN SELECT RAISE(ABORT, 'a seal stays'); END;
CREATE TRIGGER seals_replace BEFORE INSERT ON seals
WHEN EXISTS (SELECT 1 FROM seals WHERE entry_id = NEW.entry_id OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'a seal is never replaced'); END;

-- Accounts begin empty and are moved by transfers only.
CREATE TRIGGER accounts_begin BEFORE INSERT ON accounts
WHEN NEW.debits <> 0 OR NEW.credits <> 0 OR EXISTS (SELECT 1 FROM accounts WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'an account begins once and empty'); END;
CREATE TRIGGER accounts_stay BEFORE DELETE ON accounts
BEGIN SELECT RAISE(ABORT, 'an account stays'); END;
CREATE TRIGGER accounts_fixed BEFORE UPDATE OF name, kind, member_id, job_id, currency, overdraft_ok ON accounts
BEGIN SELECT RAISE(ABORT, 'an account keeps its name, kind and owner'); END;
CREATE TRIGGER accounts_moved BEFORE UPDATE OF debits, credits ON accounts
WHEN NEW.debits < OLD.debits OR NEW.credits < OLD.credits OR NEW.credits - NEW.debits IS NOT (
    SELECT CASE WHEN debit = NEW.name THEN debit_balance ELSE credit_balance END FROM transfers
    WHERE id = max(coalesce((SELECT max(id) FROM transfers WHERE debit = NEW.name), 0),
                   coalesce((SELECT max(id) FROM transfers WHERE credit = NEW.name), 0)))
BEGIN SELECT RAISE(ABORT, 'an account is moved by a transfer only'); END;
CREATE TRIGGER transfers_currency BEFORE INSERT ON transfers
WHEN (SELECT currency FROM accounts WHERE name = NEW.debit) <> (SELECT currency FROM accounts WHERE name = NEW.credit)
BEGIN SELECT RAISE(ABORT, 'a transfer has one currency'); END;
CREATE TRIGGER transfers_move AFTER INSERT ON transfers
BEGIN
    UPDATE accounts SET debits = debits + NEW.amount WHERE name = NEW.debit;
    UPDATE accounts SET credits = credits + NEW.amount WHERE name = NEW.credit;
END;

-- The list of rewards in a hold follows the entries.
CREATE TRIGGER transfers_maturing AFTER INSERT ON transfers
WHEN (SELECT kind FROM accounts WHERE name = NEW.credit) = 'maturing'
BEGIN
    INSERT INTO maturing (entry_id, member_id, amount, due_at)
    SELECT e.id, a.member_id, NEW.amount, e.matures_at FROM entries e, accounts a
    WHERE e.id = NEW.entry_id AND a.name = NEW.credit;
END;
CREATE TRIGGER transfers_matured AFTER INSERT ON transfers
WHEN (SELECT kind FROM accounts WHERE name = NEW.debit) = 'maturing'
BEGIN
    UPDATE maturing SET matured_entry_id = NEW.entry_id
    WHERE entry_id = (SELECT matures_entry_id FROM entries WHERE id = NEW.entry_id);
END;
CREATE TRIGGER maturing_begin BEFORE INSERT ON maturing
WHEN NEW.matured_entry_id IS NOT NULL OR EXISTS (SELECT 1 FROM maturing WHERE entry_id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'a hold begins once'); END;
CREATE TRIGGER maturing_once BEFORE UPDATE ON maturing
WHEN OLD.matured_entry_id IS NOT NULL OR NEW.entry_id <> OLD.entry_id OR NEW.member_id <> OLD.member_id
  OR NEW.amount <> OLD.amount OR NEW.due_at <> OLD.due_at
BEGIN SELECT RAISE(ABORT, 'a hold ends once and is not changed'); END;
CREATE TRIGGER maturing_stay BEFORE DELETE ON maturing
BEGIN SELECT RAISE(ABORT, 'a hold stays on record'); END;

-- The seal is the last thing an entry gets: everything it touched has to be right then.
CREATE TRIGGER seals_count BEFORE INSERT ON seals
WHEN NEW.transfers <> (SELECT count(*) FROM transfers WHERE entry_id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'an entry has the transfers its seal counts'); END;
CREATE TRIGGER seals_chain BEFORE INSERT ON seals
WHEN NEW.entry_id <= (SELECT max(entry_id) FROM seals)
  OR (SELECT previous_hash FROM entries WHERE id = NEW.entry_id) IS NOT
     coalesce((SELECT hash FROM seals ORDER BY entry_id DESC LIMIT 1),
              '0000000000000000000000000000000000000000000000000000000000000000')
BEGIN SELECT RAISE(ABORT, 'an entry follows the one before it'); END;
CREATE TRIGGER seals_moves BEFORE INSERT ON seals
WHEN EXISTS (SELECT 1 FROM transfers t JOIN entries e ON e.id = t.entry_id
             JOIN accounts d ON d.name = t.debit JOIN accounts c ON c.name = t.credit
             WHERE t.entry_id = NEW.entry_id AND e.kind <> 'correction' AND NOT EXISTS (
                 SELECT 1 FROM entry_moves m WHERE m.kind = e.kind AND m.debit = d.kind AND m.credit = c.kind))
BEGIN SELECT RAISE(ABORT, 'this kind of entry may not make this move'); END;
CREATE TRIGGER seals_escrow BEFORE INSERT ON seals
WHEN EXISTS (SELECT 1 FROM transfers t JOIN accounts a ON a.name IN (t.debit, t.credit)
             WHERE t.entry_id = NEW.entry_id AND a.kind = 'escrow' AND a.credits - a.debits <> (
                 SELECT coalesce(sum((slots - paid - released) * (reward + fee)), 0) FROM lots WHERE job_id = a.job_id))
BEGIN SELECT RAISE(ABORT, 'the escrow is what the places still cost'); END;
CREATE TRIGGER seals_maturing BEFORE INSERT ON seals
WHEN EXISTS (SELECT 1 FROM transfers t JOIN accounts a ON a.name IN (t.debit, t.credit)
             WHERE t.entry_id = NEW.entry_id AND a.kind = 'maturing' AND a.credits - a.debits <> (
                 SELECT coalesce(sum(amount), 0) FROM maturing
                 WHERE member_id = a.member_id AND matured_entry_id IS NULL))
BEGIN SELECT RAISE(ABORT, 'what matures is the sum of the holds'); END;
CREATE TRIGGER seals_held BEFORE INSERT ON seals
WHEN EXISTS (SELECT 1 FROM transfers t JOIN accounts a ON a.name IN (t.debit, t.credit)
             WHERE t.entry_id = NEW.entry_id AND a.kind = 'held' AND a.credits - a.debits <> (
                 SELECT coalesce(sum(amount), 0) FROM withdrawals
                 WHERE member_id = a.member_id AND status IN ('requested', 'approved', 'sending', 'unknown')))
BEGIN SELECT RAISE(ABORT, 'what is held is the live withdrawal'); END;
-- A place is paid its own price, to its own worker, who is not the employer.
CREATE TRIGGER seals_reward BEFORE INSERT ON seals
WHEN (SELECT kind FROM entries WHERE id = NEW.entry_id) = 'reward_paid' AND NOT EXISTS (
    SELECT 1 FROM entries e JOIN assignments w ON w.id = e.assignment_id JOIN lots l ON l.id = w.lot_id
    JOIN jobs j ON j.id = l.job_id
    WHERE e.id = NEW.entry_id AND e.job_id = j.id AND w.job_id = j.id AND w.worker_id <> j.employer_id
      AND l.fee = (SELECT coalesce(sum(amount), 0) FROM transfers
                   WHERE entry_id = e.id AND debit = 'job:' || j.id || ':escrow' AND credit = 'platform:fees')
      AND l.reward = (SELECT coalesce(sum(amount), 0) FROM transfers
                      WHERE entry_id = e.id AND debit = 'job:' || j.id || ':escrow'
                        AND credit IN ('member:' || w.worker_id || ':maturing', 'member:' || w.worker_id || ':available'))
      AND l.reward + l.fee = (SELECT sum(amount) FROM transfers WHERE entry_id = e.id))
BEGIN SELECT RAISE(ABORT, 'a place is paid its price, to its worker'); END;

-- The auditor looks an entry's event up by the entry that its payload names.
CREATE INDEX events_entry ON events (json_extract(payload, '$.entry_id'))
    WHERE json_extract(payload, '$.entry_id') IS NOT NULL;
