-- The employer's queue goes from their jobs to the work of each. On the embedded engine CROSS JOIN says so; here a
-- LATERAL subquery that OFFSET 0 keeps whole does, or the planner may begin with the work of the whole marketplace.

-- name: find_next_frozen$
SELECT s.id
FROM jobs j
CROSS JOIN LATERAL (
    SELECT id FROM assignments
    WHERE job_id = j.id AND status = 'rejected' AND reopened_at IS NULL AND reopen_at > :now OFFSET 0) a
CROSS JOIN LATERAL (
    SELECT id FROM submissions WHERE assignment_id = a.id AND status = 'rejected' AND id < :before_id OFFSET 0) s
WHERE j.employer_id = :employer_id
ORDER BY s.id DESC LIMIT 1;

-- name: count_queue^
SELECT
    coalesce((SELECT waiting FROM employer_figures WHERE employer_id = :employer_id), 0) AS waiting,
    (SELECT count(*) FROM jobs j CROSS JOIN LATERAL (
         SELECT 1 FROM assignments
         WHERE job_id = j.id AND status = 'rejected' AND reopened_at IS NULL AND reopen_at > :now OFFSET 0) a
     WHERE j.employer_id = :employer_id) AS frozen;

-- name: get_waiting_summary^
SELECT count(*) AS waiting, min(s.review_by_at) AS first_at
FROM jobs j
CROSS JOIN LATERAL (SELECT review_by_at FROM submissions WHERE job_id = j.id AND status = 'pending' OFFSET 0) s
WHERE j.employer_id = :employer_id;

-- name: get_clock_approvals^
SELECT count(*) AS approved, coalesce(sum(l.reward), 0) AS reward
FROM jobs j
CROSS JOIN LATERAL (
    SELECT assignment_id FROM submissions
    WHERE job_id = j.id AND decided_by = 'clock' AND decided_at >= :since AND decided_at < :until OFFSET 0) s
CROSS JOIN LATERAL (SELECT lot_id FROM assignments WHERE id = s.assignment_id OFFSET 0) a
CROSS JOIN LATERAL (SELECT reward FROM lots WHERE id = a.lot_id OFFSET 0) l
WHERE j.employer_id = :employer_id;

-- name: list_reminders_due
-- What is due is a handful, and each one's job is looked up: this planner has no idea how few they are.
SELECT due.employer_id, max(due.level) AS level FROM (
    SELECT j.employer_id, 1 AS level FROM submissions s
    CROSS JOIN LATERAL (SELECT employer_id FROM jobs WHERE id = s.job_id OFFSET 0) j
    WHERE s.status = 'pending' AND s.reminded = 0 AND (s.submitted_at + s.review_by_at) / 2 <= :now
    UNION ALL
    SELECT j.employer_id, 2 AS level FROM submissions s
    CROSS JOIN LATERAL (SELECT employer_id FROM jobs WHERE id = s.job_id OFFSET 0) j
    WHERE s.status = 'pending' AND s.reminded < 2 AND (s.submitted_at + 4 * s.review_by_at) / 5 <= :now
) AS due
GROUP BY due.employer_id ORDER BY due.employer_id LIMIT :limit;
