-- The auditor adds everything up again. It shares no query with those who write.
-- Every check gives the rows that offend: what it is about and what is wrong with it. `since` is the last entry
-- that was found right before; 0 looks at everything.

-- name: audit_list_schema
SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type, name;

-- name: audit_get_head^
SELECT entry_id, hash FROM seals ORDER BY entry_id DESC LIMIT 1;

-- name: audit_get_seal$
SELECT hash FROM seals WHERE entry_id = :entry_id;

-- name: audit_list_entries
SELECT e.id, e.kind, e.key, e.content_hash, e.previous_hash, e.job_id, e.assignment_id, e.deposit_id,
       e.withdrawal_id, e.matures_entry_id, e.reason, e.at, e.matures_at, s.hash, s.transfers AS counted
FROM entries e LEFT JOIN seals s ON s.entry_id = e.id
WHERE e.id > :after ORDER BY e.id LIMIT :limit;

-- name: audit_list_transfers
SELECT entry_id, debit, credit, amount FROM transfers
WHERE entry_id > :after AND entry_id <= :last ORDER BY entry_id, id;

-- name: audit_count^
SELECT (SELECT count(*) FROM entries WHERE id > :since) AS entries,
       (SELECT count(*) FROM transfers WHERE entry_id > :since) AS transfers,
       (SELECT count(*) FROM accounts) AS accounts,
       (SELECT count(*) FROM lots) AS lots,
       (SELECT count(*) FROM assignments) AS assignments,
       (SELECT count(*) FROM deposits) AS deposits,
       (SELECT count(*) FROM withdrawals) AS withdrawals,
       (SELECT count(*) FROM maturing) AS holds;

-- name: audit_conservation
SELECT currency AS subject, 'credits ' || sum(credits) || ', debits ' || sum(debits) AS detail
FROM accounts GROUP BY currency HAVING sum(credits) <> sum(debits);

-- name: audit_overdraft
SELECT name AS subject, 'balance ' || (credits - debits) AS detail FROM accounts
WHERE (substr(name, 1, 9) <> 'external:' AND credits < debits) OR debits < 0 OR credits < 0
   OR overdraft_ok <> (CASE WHEN substr(name, 1, 9) = 'external:' THEN 1 ELSE 0 END);

-- name: audit_account_names
SELECT name AS subject, 'is kept as ' || kind || ' of ' || coalesce(CAST(coalesce(member_id, job_id) AS TEXT), 'nobody') AS detail
FROM accounts
WHERE name <> CASE WHEN member_id IS NOT NULL AND job_id IS NULL THEN 'member:' || member_id || ':' || kind
                   WHEN job_id IS NOT NULL AND member_id IS NULL THEN 'job:' || job_id || ':' || kind
                   WHEN kind = 'fees' THEN 'platform:fees'
                   ELSE kind || ':' || substr(name, length(kind) + 2) END;

-- name: audit_paid_once
SELECT 'assignment:' || e.assignment_id AS subject, 'paid by entry ' || e.id || ' and by another' AS detail
FROM entries e
WHERE e.kind = 'reward_paid' AND e.id > :since AND EXISTS (
    SELECT 1 FROM entries o WHERE o.kind = 'reward_paid' AND o.assignment_id = e.assignment_id AND o.id <> e.id);

-- name: audit_escrow
WITH touched AS (
    SELECT debit AS name FROM transfers WHERE entry_id > :since
    UNION SELECT credit FROM transfers WHERE entry_id > :since
    UNION SELECT 'job:' || job_id || ':escrow' FROM lots WHERE :since = 0
    UNION SELECT name FROM accounts WHERE kind = 'escrow' AND :since = 0
), job AS (
    SELECT name, substr(name, 5, length(name) - 11) AS number FROM touched
    WHERE length(name) > 10 AND substr(name, 1, 4) = 'job:' AND substr(name, length(name) - 6) = ':escrow'
), owed AS (
    SELECT j.name, coalesce(a.credits - a.debits, 0) AS kept, (
        SELECT coalesce(sum((l.slots - l.paid - l.released) * (l.reward + l.fee)), 0) FROM lots l
        WHERE l.job_id = CASE WHEN rtrim(j.number, '0123456789') = '' AND length(j.number) BETWEEN 1 AND 18
                              THEN CAST(j.number AS BIGINT) ELSE 0 END) AS cost
    FROM job j LEFT JOIN accounts a ON a.name = j.name
)
SELECT name AS subject, 'holds ' || kept || ', its places cost ' || cost AS detail FROM owed WHERE kept <> cost;

-- name: audit_places
WITH lot AS (
    SELECT l.id, l.slots, l.taken, l.paid, l.released,
           (SELECT count(*) FROM assignments a WHERE a.lot_id = l.id AND (
                a.status IN ('reserved', 'submitted') OR (a.status = 'approved' AND a.paid_at IS NULL)
                OR (a.status = 'rejected' AND a.reopened_at IS NULL))) AS working,
           (SELECT count(*) FROM assignments a JOIN entries e ON e.assignment_id = a.id AND e.kind = 'reward_paid'
            WHERE a.lot_id = l.id) AS rewarded
    FROM lots l WHERE CAST(:since AS BIGINT) = 0
       OR l.job_id IN (SELECT job_id FROM entries WHERE id > :since AND job_id IS NOT NULL)
)
SELECT 'lot:' || id AS subject,
       'slots ' || slots || ', taken ' || taken || ' (' || working || ' at work), paid ' || paid || ' (' || rewarded
       || ' rewards), released ' || released AS detail
FROM lot WHERE taken + paid + released > slots OR taken < 0 OR released < 0 OR taken <> working OR paid <> rewarded;

-- name: audit_free_places
SELECT 'job:' || j.id AS subject, 'free_slots ' || j.free_slots || ' is not what its lots leave' AS detail
FROM jobs j WHERE j.free_slots <> (
    SELECT coalesce(sum(l.slots - l.taken - l.paid - l.released), 0) FROM lots l WHERE l.job_id = j.id);

-- name: audit_member_cap
SELECT 'job:' || a.job_id || ' member:' || a.worker_id AS subject, count(*) || ' places, at most ' || j.per_member AS detail
FROM assignments a JOIN jobs j ON j.id = a.job_id
WHERE a.status IN ('reserved', 'submitted', 'approved')
GROUP BY a.job_id, a.worker_id, j.per_member HAVING count(*) > j.per_member;

-- name: audit_one_effect
SELECT 'entry:' || e.id AS subject, 'key ' || e.key || ' was used twice' AS detail FROM entries e
WHERE e.id > :since AND EXISTS (SELECT 1 FROM entries o WHERE o.key = e.key AND o.id <> e.id)
UNION ALL
SELECT 'hold:' || e.matures_entry_id, 'matured by entry ' || e.id || ' and by another' FROM entries e
WHERE e.id > :since AND EXISTS (
    SELECT 1 FROM entries o WHERE o.matures_entry_id = e.matures_entry_id AND o.id <> e.id);

-- name: audit_deposits
SELECT 'deposit:' || d.id AS subject, d.status || ' with ' || (
           SELECT count(*) FROM entries e WHERE e.deposit_id = d.id AND e.kind = 'deposit') || ' credits' AS detail
FROM deposits d
WHERE (d.status = 'confirmed') <> (1 = (
    SELECT count(*) FROM entries e JOIN transfers t ON t.entry_id = e.id
    WHERE e.deposit_id = d.id AND e.kind = 'deposit' AND t.amount = d.amount
      AND t.credit = 'member:' || d.member_id || ':funds' AND e.id = d.entry_id))
   OR (d.status <> 'confirmed' AND EXISTS (SELECT 1 FROM entries e WHERE e.deposit_id = d.id AND e.kind = 'deposit'))
UNION ALL
SELECT 'deposit:' || min(d.id), 'one payment was credited ' || count(*) || ' times'
FROM deposits d WHERE d.status = 'confirmed' GROUP BY d.reference HAVING count(*) > 1;

-- name: audit_withdrawals
WITH step AS (
    SELECT w.id, w.status, w.amount, w.fee, w.net,
           sum(CASE WHEN e.kind = 'withdrawal_held' THEN 1 ELSE 0 END) AS held,
           sum(CASE WHEN e.kind = 'withdrawal_released' THEN 1 ELSE 0 END) AS released,
           sum(CASE WHEN e.kind = 'payout_sent' THEN 1 ELSE 0 END) AS sent,
           sum(CASE WHEN e.kind = 'payout_settled' THEN 1 ELSE 0 END) AS settled,
           sum(CASE WHEN e.kind = 'payout_returned' THEN 1 ELSE 0 END) AS returned
    FROM withdrawals w LEFT JOIN entries e ON e.withdrawal_id = w.id
    WHERE CAST(:since AS BIGINT) = 0 OR w.closed_at IS NULL
       OR w.id IN (SELECT withdrawal_id FROM entries WHERE id > :since AND withdrawal_id IS NOT NULL)
    GROUP BY w.id, w.status, w.amount, w.fee, w.net
)
SELECT 'withdrawal:' || id AS subject,
       status || ' with held ' || held || ', released ' || released || ', sent ' || sent || ', settled ' || settled
       || ', returned ' || returned AS detail
FROM step
WHERE amount <> fee + net OR held <> 1 OR released + sent > 1 OR settled + returned > sent OR NOT (CASE
    WHEN status IN ('requested', 'approved', 'sending', 'unknown') THEN released = 0 AND sent = 0
    WHEN status IN ('cancelled', 'refused') THEN released = 1
    WHEN status = 'sent' THEN sent = 1 AND settled = 0 AND returned = 0
    WHEN status IN ('paid', 'reversed') THEN sent = 1 AND settled = 1
    WHEN status = 'returned' THEN sent = 1 AND returned = 1
    ELSE released = 1 OR returned = 1 END);

-- name: audit_withdrawal_amounts
SELECT 'withdrawal:' || w.id AS subject, e.kind || ' moved another amount, or for another member' AS detail
FROM entries e JOIN withdrawals w ON w.id = e.withdrawal_id
WHERE e.id > :since AND CASE e.kind
    WHEN 'withdrawal_held' THEN w.amount
    WHEN 'withdrawal_released' THEN w.amount
    WHEN 'payout_sent' THEN w.amount
    ELSE w.net END <> (
    SELECT coalesce(sum(t.amount), 0) FROM transfers t WHERE t.entry_id = e.id AND CASE e.kind
        WHEN 'withdrawal_held' THEN t.debit = 'member:' || w.member_id || ':available'
                                AND t.credit = 'member:' || w.member_id || ':held'
        WHEN 'withdrawal_released' THEN t.debit = 'member:' || w.member_id || ':held'
                                    AND t.credit = 'member:' || w.member_id || ':available'
        WHEN 'payout_sent' THEN t.debit = 'member:' || w.member_id || ':held'
                            AND ((substr(t.credit, 1, 9) = 'clearing:' AND t.amount = w.net)
                                 OR (t.credit = 'platform:fees' AND t.amount = w.fee))
        WHEN 'payout_settled' THEN substr(t.debit, 1, 9) = 'clearing:'
        ELSE substr(t.debit, 1, 9) = 'clearing:' AND t.credit = 'member:' || w.member_id || ':available' END);

-- name: audit_held
SELECT a.name AS subject, 'holds ' || (a.credits - a.debits) || ', which is not the live withdrawal' AS detail
FROM accounts a
WHERE a.kind = 'held' AND a.credits - a.debits <> (
    SELECT coalesce(sum(w.amount), 0) FROM withdrawals w
    WHERE w.member_id = a.member_id AND w.status IN ('requested', 'approved', 'sending', 'unknown'))
UNION ALL
SELECT 'member:' || member_id, count(*) || ' live withdrawals' FROM withdrawals
WHERE status IN ('requested', 'approved', 'sending', 'unknown', 'sent') GROUP BY member_id HAVING count(*) > 1
UNION ALL
SELECT 'clearing', 'holds another sum than the payouts on their way' FROM (
    SELECT coalesce(sum(credits - debits), 0) AS kept FROM accounts WHERE kind = 'clearing') a
WHERE a.kept <> (SELECT coalesce(sum(net), 0) FROM withdrawals WHERE status = 'sent')
UNION ALL
SELECT 'withdrawal:' || min(id), 'one payment reference stands on ' || count(*) || ' withdrawals' FROM withdrawals
WHERE reference IS NOT NULL GROUP BY way, reference HAVING count(*) > 1;

-- name: audit_self_dealing
SELECT 'assignment:' || a.id AS subject, 'the worker is the employer' AS detail
FROM assignments a JOIN jobs j ON j.id = a.job_id WHERE a.worker_id = j.employer_id;

-- name: audit_price
SELECT 'assignment:' || e.assignment_id AS subject, 'entry ' || e.id || ' did not pay its place''s price to its worker' AS detail
FROM entries e LEFT JOIN assignments a ON a.id = e.assignment_id LEFT JOIN lots l ON l.id = a.lot_id
WHERE e.kind = 'reward_paid' AND e.id > :since AND (
    l.id IS NULL OR l.job_id <> e.job_id OR a.job_id <> e.job_id
    OR l.reward <> (SELECT coalesce(sum(t.amount), 0) FROM transfers t WHERE t.entry_id = e.id
                    AND t.debit = 'job:' || e.job_id || ':escrow'
                    AND t.credit IN ('member:' || a.worker_id || ':maturing', 'member:' || a.worker_id || ':available'))
    OR l.fee <> (SELECT coalesce(sum(t.amount), 0) FROM transfers t WHERE t.entry_id = e.id
                 AND t.debit = 'job:' || e.job_id || ':escrow' AND t.credit = 'platform:fees')
    OR l.reward + l.fee <> (SELECT coalesce(sum(t.amount), 0) FROM transfers t WHERE t.entry_id = e.id));

-- name: audit_balances
-- The account's total is what its last transfer left.
WITH touched AS (
    SELECT debit AS name FROM transfers WHERE entry_id > :since
    UNION SELECT credit FROM transfers WHERE entry_id > :since
    UNION SELECT name FROM accounts WHERE :since = 0
), last AS (
    SELECT n.name, (SELECT max(u.id) FROM (
        SELECT max(id) AS id FROM transfers WHERE debit = n.name
        UNION ALL SELECT max(id) FROM transfers WHERE credit = n.name) u) AS id
    FROM touched n
)
SELECT l.name AS subject, 'total ' || coalesce(CAST(a.credits - a.debits AS TEXT), 'missing') || ', last transfer left '
       || coalesce(CASE WHEN t.debit = l.name THEN t.debit_balance ELSE t.credit_balance END, 0) AS detail
FROM last l LEFT JOIN accounts a ON a.name = l.name LEFT JOIN transfers t ON t.id = l.id
WHERE a.name IS NULL
   OR a.credits - a.debits <> coalesce(CASE WHEN t.debit = l.name THEN t.debit_balance ELSE t.credit_balance END, 0);

-- name: audit_running_balances
-- Each transfer left what the one before it left, and its own amount.
WITH side AS (
    SELECT id, debit AS name, -amount AS change, debit_balance AS left_over FROM transfers WHERE entry_id > :since
    UNION ALL
    SELECT id, credit, amount, credit_balance FROM transfers WHERE entry_id > :since
), before AS (
    SELECT s.id, s.name, s.change, s.left_over, (SELECT max(u.id) FROM (
        SELECT max(id) AS id FROM transfers WHERE debit = s.name AND id < s.id
        UNION ALL SELECT max(id) FROM transfers WHERE credit = s.name AND id < s.id) u) AS earlier
    FROM side s
)
SELECT 'transfer:' || b.id AS subject, b.name || ' was left with ' || b.left_over AS detail
FROM before b LEFT JOIN transfers t ON t.id = b.earlier
WHERE b.left_over <> b.change + coalesce(CASE WHEN t.debit = b.name THEN t.debit_balance ELSE t.credit_balance END, 0);

-- name: audit_fold
-- The totals of every account, added up from all transfers.
WITH side AS (
    SELECT debit AS name, amount AS debited, 0 AS credited FROM transfers
    UNION ALL SELECT credit, 0, amount FROM transfers
), fold AS (SELECT name, sum(debited) AS debits, sum(credited) AS credits FROM side GROUP BY name)
SELECT a.name AS subject, 'debits ' || a.debits || ', credits ' || a.credits || ', by its transfers '
       || coalesce(f.debits, 0) || ' and ' || coalesce(f.credits, 0) AS detail
FROM accounts a LEFT JOIN fold f ON f.name = a.name
WHERE a.debits <> coalesce(f.debits, 0) OR a.credits <> coalesce(f.credits, 0);

-- name: audit_moves
SELECT 'transfer:' || t.id AS subject, coalesce(e.kind, 'no entry') || ' may not move ' || t.debit || ' to ' || t.credit AS detail
FROM transfers t LEFT JOIN entries e ON e.id = t.entry_id
LEFT JOIN accounts d ON d.name = t.debit LEFT JOIN accounts c ON c.name = t.credit
WHERE t.entry_id > :since AND (t.amount <= 0 OR t.debit = t.credit OR e.id IS NULL OR d.currency <> c.currency
    OR (e.kind <> 'correction' AND NOT EXISTS (
        SELECT 1 FROM entry_moves m WHERE m.kind = e.kind AND m.debit = d.kind AND m.credit = c.kind)));

-- name: audit_maturing
SELECT a.name AS subject, 'holds ' || (a.credits - a.debits) || ', which is not the sum of its holds' AS detail
FROM accounts a LEFT JOIN (
    SELECT member_id, sum(amount) AS amount FROM maturing WHERE matured_entry_id IS NULL GROUP BY member_id
) m ON m.member_id = a.member_id
WHERE a.kind = 'maturing' AND a.credits - a.debits <> coalesce(m.amount, 0)
UNION ALL
SELECT 'hold:' || m.entry_id, 'differs from the entry that began or ended it' FROM maturing m
LEFT JOIN entries b ON b.id = m.entry_id LEFT JOIN entries x ON x.matures_entry_id = m.entry_id
WHERE (m.entry_id > :since OR m.matured_entry_id IS NULL OR m.matured_entry_id > :since) AND (
    b.matures_at IS NULL OR b.matures_at <> m.due_at
    OR coalesce(x.id, 0) <> coalesce(m.matured_entry_id, 0) OR x.at < m.due_at
    OR NOT EXISTS (SELECT 1 FROM transfers t WHERE t.entry_id = m.entry_id AND t.amount = m.amount
                   AND t.credit = 'member:' || m.member_id || ':maturing'));

-- name: audit_messages
-- Older events may have been cleared away.
SELECT 'entry:' || e.id AS subject, e.kind || ' has no event' AS detail FROM entries e
WHERE e.id > :since AND e.at >= (SELECT at FROM entries ORDER BY id DESC LIMIT 1) - 604800000
  AND e.kind IN ('deposit', 'deposit_refunded', 'reward_paid', 'withdrawal_held', 'withdrawal_released',
                 'payout_settled', 'payout_returned')
  AND NOT EXISTS (SELECT 1 FROM events v WHERE json_extract(v.payload, '$.entry_id') = +e.id
                  AND json_extract(v.payload, '$.entry_id') IS NOT NULL);

-- name: audit_references
SELECT "table" AS subject, 'row ' || coalesce(rowid, '?') || ' points to a missing row of ' || parent AS detail
FROM pragma_foreign_key_check;

-- name: audit_get_flag$
SELECT value FROM flags WHERE name = :name;

-- name: audit_set_flag!
INSERT INTO flags (name, value, at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at;

-- name: audit_delete_flag!
DELETE FROM flags WHERE name = :name;
