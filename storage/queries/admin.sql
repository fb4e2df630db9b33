-- What waits for an operator.

-- name: admin_get_desk^
SELECT (SELECT count(*) FROM withdrawals WHERE status IN ('requested', 'approved', 'unknown')) AS withdrawals,
       (SELECT coalesce(sum(net), 0) FROM withdrawals
        WHERE status IN ('requested', 'approved', 'unknown')) AS withdrawals_net,
       (SELECT count(*) FROM deposits WHERE status = 'claimed') AS deposits,
       (SELECT coalesce(sum(amount), 0) FROM deposits WHERE status = 'claimed') AS deposits_amount,
       (SELECT coalesce(sum(jobs), 0) FROM open_jobs) AS open_jobs,
       (SELECT coalesce(sum(waiting), 0) FROM employer_figures) AS proofs_waiting;

-- name: admin_list_flags
SELECT name, value, at FROM flags
WHERE name IN ('payouts_frozen', 'audit_result', 'audit_counts', 'audit_wanted');

-- name: admin_insert_audit!
INSERT INTO audit_log (member_id, action, subject, detail, at) VALUES (:member_id, :action, :subject, :detail, :at);
