-- Writing and reading the ledger. The auditor has queries of its own.

-- name: ledger_insert_entry^
-- No row when the key was used before; `known` of the accounts are open already.
INSERT INTO entries (kind, key, content_hash, previous_hash, job_id, assignment_id, deposit_id, withdrawal_id,
                     matures_at, matures_entry_id, reason, at)
SELECT :kind, :key, :content_hash, coalesce((SELECT hash FROM seals ORDER BY entry_id DESC LIMIT 1), :genesis),
       :job_id, :assignment_id, :deposit_id, :withdrawal_id, :matures_at, :matures_entry_id, :reason, :at
WHERE NOT EXISTS (SELECT 1 FROM entries WHERE key = :key)
RETURNING id, previous_hash,
          (SELECT count(*) FROM accounts WHERE name IN (SELECT CAST(value AS TEXT) FROM json_each(:accounts))) AS known;

-- name: ledger_find_entry^
SELECT id, content_hash FROM entries WHERE key = :key;

-- name: ledger_open_account*!
INSERT INTO accounts (name, kind, member_id, job_id, currency, overdraft_ok)
SELECT :name, :kind, :member_id, :job_id, (SELECT value FROM flags WHERE name = 'currency'), :overdraft_ok
WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE name = :name);

-- name: ledger_insert_transfer*!
INSERT INTO transfers (entry_id, debit, credit, amount, debit_balance, credit_balance)
SELECT :entry_id, :debit, :credit, :amount,
       (SELECT credits - debits FROM accounts WHERE name = :debit) - :amount,
       (SELECT credits - debits FROM accounts WHERE name = :credit) + :amount;

-- name: ledger_insert_seal!
INSERT INTO seals (entry_id, hash, transfers) VALUES (:entry_id, :hash, :transfers);

-- name: ledger_get_balance$
SELECT credits - debits FROM accounts WHERE name = :name;

-- name: ledger_list_balances
SELECT kind, credits - debits AS balance FROM accounts WHERE name IN (:funds, :maturing, :available, :held);

-- name: ledger_get_maturing^
SELECT coalesce(sum(amount), 0) AS amount, min(due_at) AS next_at FROM maturing
WHERE member_id = :member_id AND matured_entry_id IS NULL;

-- name: ledger_list_matured
SELECT entry_id, member_id, amount, due_at FROM maturing
WHERE matured_entry_id IS NULL AND due_at <= :now ORDER BY due_at, entry_id LIMIT :limit;

-- name: ledger_list_statement
SELECT s.id, s.entry_id, s.amount, s.balance, e.kind, e.at, e.job_id, e.deposit_id, e.withdrawal_id,
       j.title AS job_title
FROM (
    SELECT id, entry_id, -amount AS amount, debit_balance AS balance FROM transfers
    WHERE debit = :account AND id < :before
    UNION ALL
    SELECT id, entry_id, amount, credit_balance FROM transfers WHERE credit = :account AND id < :before
    ORDER BY id DESC LIMIT :limit
) s
JOIN entries e ON e.id = s.entry_id
LEFT JOIN jobs j ON j.id = e.job_id
ORDER BY s.id DESC;

-- name: ledger_get_earned$
SELECT coalesce(sum(t.amount), 0) FROM transfers t JOIN entries e ON e.id = t.entry_id
WHERE t.credit IN (:maturing, :available) AND e.kind = 'reward_paid';

-- name: ledger_list_earned_by_day
SELECT e.at / 86400000 AS day, sum(t.amount) AS amount, count(*) AS rewards
FROM transfers t JOIN entries e ON e.id = t.entry_id
WHERE t.credit IN (:maturing, :available) AND e.kind = 'reward_paid' AND e.at >= :since
GROUP BY e.at / 86400000 ORDER BY day;

-- name: ledger_get_currency$
SELECT value FROM flags WHERE name = 'currency';

-- name: ledger_set_currency!
UPDATE flags SET value = :currency, at = :at
WHERE name = 'currency' AND value <> :currency AND NOT EXISTS (SELECT 1 FROM accounts);
