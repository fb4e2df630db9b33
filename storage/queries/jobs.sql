-- name: get_job^
SELECT * FROM jobs WHERE id = :id;

-- name: find_job_by_token^
SELECT * FROM jobs WHERE token = :token;

-- name: list_categories
SELECT * FROM categories WHERE enabled = 1 OR CAST(:enabled_only AS BIGINT) = 0 ORDER BY position;

-- name: find_category^
SELECT * FROM categories WHERE id = :id;

-- name: insert_job<!
INSERT INTO jobs (token, employer_id, category_id, title, steps, requirements, language, reward, fee, minutes,
                  time_limit_minutes, review_days, status, created_at, published_at)
VALUES (:token, :employer_id, :category_id, :title, :steps, :requirements, :language, :reward, :fee, :minutes,
        :time_limit_minutes, :review_days, 'open', :at, :at)
RETURNING *;

-- name: update_job_status!
UPDATE jobs SET status = :status, version = version + 1 WHERE id = :id AND version = :version AND status <> 'closed';

-- name: close_job!
UPDATE jobs SET status = 'closed', closed_at = :at, version = version + 1
WHERE id = :id AND version = :version AND status <> 'closed';

-- name: list_job_tallies
-- Newest first; `before` is the id of the last one seen. With `job_id` above 0 that job only.
WITH page AS (
    SELECT id FROM jobs
    WHERE employer_id = :employer_id AND status <> 'draft' AND id < :before AND (id = :job_id OR :job_id = 0)
    ORDER BY id DESC LIMIT :limit
)
SELECT j.*, p.slots, p.taken, p.paid, p.released, p.refund, p.spent, p.refunded, p.escrow,
       (SELECT count(*) FROM submissions s WHERE s.job_id = j.id AND s.status = 'pending') AS waiting
FROM (SELECT job_id, sum(slots) AS slots, sum(taken) AS taken, sum(paid) AS paid, sum(released) AS released,
             sum((slots - taken - paid - released) * (reward + fee)) AS refund,
             sum(paid * (reward + fee)) AS spent,
             sum(released * (reward + fee)) AS refunded,
             sum((slots - paid - released) * (reward + fee)) AS escrow
      FROM lots WHERE job_id IN (SELECT id FROM page) GROUP BY job_id) p
JOIN jobs j ON j.id = p.job_id
ORDER BY j.id DESC;

-- name: count_work_by_status
SELECT CASE WHEN status = 'approved' AND paid_at IS NOT NULL THEN 'paid' ELSE status END AS status, count(*) AS n
FROM assignments WHERE job_id = :job_id GROUP BY 1;
