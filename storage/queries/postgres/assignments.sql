-- From a member's places to what belongs to each: never through the submissions or jobs of everybody.

-- name: list_work
-- In work by deadline, then waiting by the day they pay themselves, then the newest decisions.
SELECT a.id, a.job_id, a.status, a.deadline_at, a.decided_at, a.paid_at, j.title, l.reward,
       s.id AS submission_id, s.review_by_at, s.reason
FROM (
    SELECT * FROM assignments WHERE worker_id = :worker_id AND status IN ('reserved', 'submitted')
    UNION ALL
    (SELECT * FROM assignments WHERE worker_id = :worker_id AND status IN ('approved', 'rejected')
     ORDER BY id DESC LIMIT :decided)) a
CROSS JOIN LATERAL (SELECT title FROM jobs WHERE id = a.job_id OFFSET 0) j
CROSS JOIN LATERAL (SELECT reward FROM lots WHERE id = a.lot_id OFFSET 0) l
LEFT JOIN LATERAL (
    SELECT id, review_by_at, reason FROM submissions WHERE assignment_id = a.id ORDER BY round DESC LIMIT 1) s ON true
ORDER BY CASE a.status WHEN 'reserved' THEN 0 WHEN 'submitted' THEN 1 ELSE 2 END,
         CASE a.status WHEN 'reserved' THEN a.deadline_at WHEN 'submitted' THEN coalesce(s.review_by_at, 0)
                       ELSE -coalesce(a.decided_at, 0) END,
         a.id DESC
LIMIT :limit OFFSET :offset;
