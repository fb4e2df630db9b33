-- name: find_assignment^
SELECT * FROM assignments WHERE id = :id;

-- name: find_place^
SELECT a.*, l.reward AS place_reward FROM assignments a JOIN lots l ON l.id = a.lot_id WHERE a.id = :id;

-- name: find_work_standing^
-- The job with all that a member already has to do with it. A fix round does not count against the live places.
SELECT j.*, c.enabled AS category_on,
       (SELECT count(*) FROM assignments a WHERE a.job_id = j.id AND a.worker_id = :worker_id
           AND a.status NOT IN ('returned', 'expired')) AS used,
       (SELECT count(*) FROM assignments a WHERE a.job_id = j.id AND a.worker_id = :worker_id
           AND a.status IN ('reserved', 'submitted')) AS holding,
       (SELECT count(*) FROM assignments a WHERE a.worker_id = :worker_id AND a.status = 'reserved'
           AND a.submitted_at IS NULL) AS reserved
FROM jobs j JOIN categories c ON c.id = j.category_id
WHERE j.id = :job_id;

-- name: insert_assignment<!
INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at)
VALUES (:job_id, :lot_id, :worker_id, 'reserved', :reserved_at, :deadline_at)
RETURNING *;

-- name: update_assignment_work!
UPDATE assignments
SET status = :status, deadline_at = :deadline_at, extended = :extended, submitted_at = :submitted_at,
    version = :version
WHERE id = :id AND version + 1 = :version;

-- name: update_assignment_warned!
UPDATE assignments SET warned_at = :at WHERE id = :id AND status = 'reserved' AND warned_at IS NULL;

-- name: find_live_assignment^
SELECT * FROM assignments
WHERE job_id = :job_id AND worker_id = :worker_id AND status IN ('reserved', 'submitted');

-- name: find_held_for_sign_up^
SELECT * FROM assignments
WHERE worker_id = :worker_id AND status = 'reserved' AND submitted_at IS NULL
  AND deadline_at - reserved_at <= :hold_ms
ORDER BY id DESC LIMIT 1;

-- name: list_ending_reservations
-- The last fifth of the time has begun: the index assignments_warn, so that not every live reservation is looked at. A fix
-- round is measured by its own length, the longest there is: its last fifth begins later than the index says.
SELECT * FROM assignments
WHERE status = 'reserved' AND warned_at IS NULL AND +deadline_at > :now
  AND deadline_at - (deadline_at - reserved_at) / 5 <= :now
  AND deadline_at - reserved_at >= :shortest_ms
  AND deadline_at - :now <= CASE WHEN (deadline_at - reserved_at) / :part < :longest_ms
                                 THEN (deadline_at - reserved_at) / :part ELSE :longest_ms END
ORDER BY +deadline_at, id LIMIT :limit;

-- name: list_ended_reservations
SELECT * FROM assignments WHERE status = 'reserved' AND deadline_at <= :now ORDER BY deadline_at, id LIMIT :limit;

-- name: list_work
-- In work by deadline, then waiting by the day they pay themselves, then the newest decisions.
SELECT a.id, a.job_id, a.status, a.deadline_at, a.decided_at, a.paid_at, j.title, l.reward,
       s.id AS submission_id, s.review_by_at, s.reason
FROM assignments a
JOIN jobs j ON j.id = a.job_id
JOIN lots l ON l.id = a.lot_id
LEFT JOIN submissions s ON s.assignment_id = a.id
    AND s.round = (SELECT max(round) FROM submissions WHERE assignment_id = a.id)
WHERE a.worker_id = :worker_id
  AND (a.status IN ('reserved', 'submitted') OR a.id IN (
      SELECT id FROM assignments WHERE worker_id = :worker_id AND status IN ('approved', 'rejected')
      ORDER BY id DESC LIMIT :decided))
ORDER BY CASE a.status WHEN 'reserved' THEN 0 WHEN 'submitted' THEN 1 ELSE 2 END,
         CASE a.status WHEN 'reserved' THEN a.deadline_at WHEN 'submitted' THEN coalesce(s.review_by_at, 0)
                       ELSE -coalesce(a.decided_at, 0) END,
         a.id DESC
LIMIT :limit OFFSET :offset;
