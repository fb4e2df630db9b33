-- Deposits and withdrawals.

-- name: wallet_insert_deposit<!
INSERT INTO deposits (member_id, amount, reference, claimed_at)
VALUES (:member_id, :amount, :reference, :at)
RETURNING *;

-- name: wallet_get_deposit^
SELECT * FROM deposits WHERE id = :id;

-- name: wallet_update_deposit!
UPDATE deposits SET status = :status, version = version + 1, decided_at = :at, decided_by = :by, entry_id = :entry_id
WHERE id = :id AND version = :version AND status = 'claimed';

-- name: wallet_count_claims$
SELECT count(*) FROM deposits WHERE member_id = :member_id AND status = 'claimed';

-- name: wallet_count_reference$
-- Claimed by this member before, or confirmed for anybody.
SELECT count(*) FROM deposits
WHERE reference = :reference AND (status = 'confirmed' OR (member_id = :member_id AND status = 'claimed'));

-- name: wallet_count_confirmed_reference$
SELECT count(*) FROM deposits WHERE reference = :reference AND status = 'confirmed';

-- name: wallet_list_claims
SELECT * FROM deposits WHERE status = 'claimed' AND id > :after ORDER BY id LIMIT :limit;

-- name: wallet_list_deposits
SELECT * FROM deposits WHERE member_id = :member_id AND id < :before ORDER BY id DESC LIMIT :limit;

-- name: wallet_insert_withdrawal<!
INSERT INTO withdrawals (member_id, way, destination, masked, fingerprint, amount, fee, net, requested_at, payable_at)
VALUES (:member_id, :way, :destination, :masked, :fingerprint, :amount, :fee, :net, :at, :payable_at)
RETURNING id;

-- name: wallet_get_withdrawal^
SELECT w.*,
       NOT EXISTS (SELECT 1 FROM withdrawals o WHERE o.member_id = w.member_id AND o.id <> w.id
                   AND o.status = 'paid') AS first,
       EXISTS (SELECT 1 FROM withdrawals o WHERE o.fingerprint = w.fingerprint AND o.member_id <> w.member_id) AS shared
FROM withdrawals w WHERE w.id = :id;

-- name: wallet_find_live_withdrawal^
SELECT w.*, 0 AS first, 0 AS shared FROM withdrawals w
WHERE w.member_id = :member_id AND w.status IN ('requested', 'approved', 'sending', 'unknown', 'sent');

-- name: wallet_list_withdrawals
SELECT w.*, 0 AS first, 0 AS shared FROM withdrawals w
WHERE w.member_id = :member_id AND w.id < :before ORDER BY w.id DESC LIMIT :limit;

-- name: wallet_list_withdrawal_queue
SELECT w.*,
       NOT EXISTS (SELECT 1 FROM withdrawals o WHERE o.member_id = w.member_id AND o.id <> w.id
                   AND o.status = 'paid') AS first,
       EXISTS (SELECT 1 FROM withdrawals o WHERE o.fingerprint = w.fingerprint AND o.member_id <> w.member_id) AS shared
FROM withdrawals w
WHERE w.status IN ('requested', 'approved', 'unknown') AND w.id > :after ORDER BY w.id LIMIT :limit;

-- name: wallet_update_withdrawal!
UPDATE withdrawals
SET status = :status, version = version + 1, reference = coalesce(:reference, reference),
    decided_by = coalesce(:by, decided_by), approved_at = coalesce(:approved_at, approved_at), closed_at = :closed_at
WHERE id = :id AND version = :version AND status = :from_status;

-- name: wallet_get_destination$
SELECT destination FROM withdrawals WHERE id = :id;

-- name: wallet_find_paid_destinations^
-- How many payouts this member had, and how many of them went where the next one is to go.
SELECT count(*) AS paid, coalesce(sum(CASE WHEN fingerprint = :fingerprint THEN 1 ELSE 0 END), 0) AS same FROM withdrawals
WHERE member_id = :member_id AND status = 'paid';

-- name: wallet_count_withdrawal_reference$
SELECT count(*) FROM withdrawals WHERE way = :way AND reference = :reference;
