-- From a member's places to their jobs, one by one.

-- name: list_open_jobs_by_category
-- Open jobs a member may take, by category: the kept counts less the member's own jobs and those used up among
-- their last 1,000 places.
SELECT c.id, o.jobs - coalesce(own.jobs, 0) - coalesce(used.jobs, 0) AS jobs
FROM categories c
JOIN open_jobs o ON o.category_id = c.id
LEFT JOIN (
    SELECT category_id, count(*) AS jobs FROM jobs WHERE employer_id = :member_id AND status = 'open'
    GROUP BY category_id) own ON own.category_id = c.id
LEFT JOIN (
    SELECT j.category_id, count(*) AS jobs
    FROM (SELECT job_id, count(*) AS places, sum(CASE WHEN status IN ('reserved', 'submitted') THEN 1 ELSE 0 END) AS live
          FROM (SELECT job_id, status FROM assignments WHERE worker_id = :member_id ORDER BY id DESC LIMIT 1000) recent
          WHERE status NOT IN ('returned', 'expired') GROUP BY job_id) mine
    CROSS JOIN LATERAL (
        SELECT category_id, per_member FROM jobs
        WHERE id = mine.job_id AND status = 'open' AND free_slots > 0 AND employer_id <> :member_id OFFSET 0) j
    WHERE mine.live > 0 OR mine.places >= j.per_member
    GROUP BY j.category_id) used ON used.category_id = c.id
WHERE c.enabled = 1
ORDER BY c.position;
