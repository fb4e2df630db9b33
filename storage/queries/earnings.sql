-- Work that is done and not paid yet, as a balance shows it.

-- name: earnings_get_pending^
-- The second part asks by the time of payment: of a member's thousands of approved places few are unpaid.
SELECT coalesce(sum(w.waiting), 0) AS waiting, min(w.pay_at) AS next_pay_at, coalesce(sum(w.coming), 0) AS coming,
       EXISTS (SELECT 1 FROM jobs WHERE employer_id = :member_id) AS employs
FROM (
    SELECT l.reward AS waiting, 0 AS coming,
           (SELECT max(s.review_by_at) FROM submissions s
            WHERE s.assignment_id = a.id AND s.status = 'pending') AS pay_at
    FROM assignments a JOIN lots l ON l.id = a.lot_id
    WHERE a.worker_id = :member_id AND a.status = 'submitted'
    UNION ALL
    SELECT 0, l.reward, NULL
    FROM assignments a JOIN lots l ON l.id = a.lot_id
    WHERE a.status = 'approved' AND a.paid_at IS NULL AND a.pay_at > 0 AND +a.worker_id = :member_id
) w;
