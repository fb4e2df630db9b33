-- From a member's own transfers to their entries: never through the entries of everybody.

-- name: ledger_get_earned$
SELECT coalesce(sum(t.amount), 0)
FROM transfers t
CROSS JOIN LATERAL (SELECT 1 FROM entries WHERE id = t.entry_id AND kind = 'reward_paid' OFFSET 0) e
WHERE t.credit IN (:maturing, :available);
