-- name: get_dashboard_figures^
SELECT
    (SELECT coalesce(sum(l.reward), 0) FROM assignments a JOIN lots l ON l.id = a.lot_id
     WHERE a.worker_id = :member_id AND a.status = 'submitted') AS waiting,
    (SELECT min(s.review_by_at) FROM assignments a JOIN submissions s ON s.assignment_id = a.id
     WHERE a.worker_id = :member_id AND a.status = 'submitted' AND s.status = 'pending') AS next_review_by_at,
    coalesce((SELECT waiting FROM employer_figures WHERE employer_id = :member_id), 0) AS reviews,
    (SELECT count(*) FROM assignments WHERE worker_id = :member_id AND status = 'reserved') AS in_progress;

-- name: list_work_in_progress
SELECT a.id AS assignment_id, j.title, a.deadline_at FROM assignments a JOIN jobs j ON j.id = a.job_id
WHERE a.worker_id = :member_id AND a.status = 'reserved'
ORDER BY a.deadline_at, a.id LIMIT :limit;
