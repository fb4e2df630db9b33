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
    JOIN jobs j ON j.id = mine.job_id AND j.status = 'open' AND j.free_slots > 0 AND j.employer_id <> :member_id
    WHERE mine.live > 0 OR mine.places >= j.per_member
    GROUP BY j.category_id) used ON used.category_id = c.id
WHERE c.enabled = 1
ORDER BY c.position;

-- name: count_high_paying_jobs$
SELECT count(*) FROM (
    SELECT id FROM takeable_jobs WHERE member_id = :member_id AND reward >= :minimum
    ORDER BY reward DESC, listed DESC LIMIT :cap) best;

-- name: list_category_newest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND category_id = :category_id AND (published_at, listed) < (:key, :id)
ORDER BY published_at DESC, listed DESC LIMIT :limit;

-- name: list_category_oldest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND category_id = :category_id AND (published_at, listed) > (:key, :id)
ORDER BY published_at, listed LIMIT :limit;

-- name: list_category_highest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND category_id = :category_id AND (reward, listed) < (:key, :id)
ORDER BY reward DESC, listed DESC LIMIT :limit;

-- name: list_category_lowest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND category_id = :category_id AND (reward, listed) > (:key, :id)
ORDER BY reward, listed LIMIT :limit;

-- name: list_all_newest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND (published_at, listed) < (:key, :id)
ORDER BY published_at DESC, listed DESC LIMIT :limit;

-- name: list_all_oldest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND (published_at, listed) > (:key, :id)
ORDER BY published_at, listed LIMIT :limit;

-- name: list_all_highest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND reward >= :minimum AND (reward, listed) < (:key, :id)
ORDER BY reward DESC, listed DESC LIMIT :limit;

-- name: list_all_lowest
SELECT * FROM takeable_jobs
WHERE member_id = :member_id AND (reward, listed) > (:key, :id)
ORDER BY reward, listed LIMIT :limit;

-- name: list_best_newest
-- No index has both the date and a pay that the operator may change: the best-paid few are sorted by date.
SELECT * FROM (
    SELECT * FROM takeable_jobs WHERE member_id = :member_id AND reward >= :minimum
    ORDER BY reward DESC, listed DESC LIMIT :best) best
WHERE (published_at, listed) < (:key, :id)
ORDER BY published_at DESC, listed DESC LIMIT :limit;

-- name: list_best_oldest
SELECT * FROM (
    SELECT * FROM takeable_jobs WHERE member_id = :member_id AND reward >= :minimum
    ORDER BY reward DESC, listed DESC LIMIT :best) best
WHERE (published_at, listed) > (:key, :id)
ORDER BY published_at, listed LIMIT :limit;

-- name: find_best_job^
-- The best pay per hour among the best-paid few.
SELECT * FROM (
    SELECT * FROM takeable_jobs WHERE member_id = :member_id ORDER BY reward DESC, listed DESC LIMIT 30) best
ORDER BY reward * 60 / minutes DESC, listed LIMIT 1;

-- name: get_job_view^
SELECT j.*, c.enabled AS category_enabled, coalesce(f.approved, 0) AS approved, coalesce(f.rejected, 0) AS rejected,
    (SELECT coalesce(sum(l.paid), 0) FROM lots l WHERE l.job_id = j.id) AS finished,
    (SELECT count(*) FROM assignments a
     WHERE a.job_id = j.id AND a.worker_id = :member_id AND a.status NOT IN ('returned', 'expired')) AS used,
    (SELECT count(*) FROM assignments a
     WHERE a.job_id = j.id AND a.worker_id = :member_id AND a.status IN ('reserved', 'submitted')) AS live,
    (SELECT count(*) FROM assignments a WHERE a.worker_id = :member_id AND a.status = 'reserved') AS reserved
FROM jobs j
JOIN categories c ON c.id = j.category_id
LEFT JOIN employer_figures f ON f.employer_id = j.employer_id
WHERE j.id = :job_id;
