-- The lots of a page's jobs, job by job.

-- name: list_job_tallies
-- Newest first; `before` is the id of the last one seen. With `job_id` above 0 that job only.
SELECT j.*, p.slots, p.taken, p.paid, p.released, p.refund, p.spent, p.refunded, p.escrow,
       (SELECT count(*) FROM submissions s WHERE s.job_id = j.id AND s.status = 'pending') AS waiting
FROM (
    SELECT * FROM jobs
    WHERE employer_id = :employer_id AND status <> 'draft' AND id < :before AND (id = :job_id OR :job_id = 0)
    ORDER BY id DESC LIMIT :limit) j
CROSS JOIN LATERAL (
    SELECT sum(slots) AS slots, sum(taken) AS taken, sum(paid) AS paid, sum(released) AS released,
           sum((slots - taken - paid - released) * (reward + fee)) AS refund,
           sum(paid * (reward + fee)) AS spent,
           sum(released * (reward + fee)) AS refunded,
           sum((slots - paid - released) * (reward + fee)) AS escrow
    FROM lots WHERE job_id = j.id GROUP BY job_id) p
ORDER BY j.id DESC;
