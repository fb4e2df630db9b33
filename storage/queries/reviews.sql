-- name: find_case_assignment^
SELECT a.*, j.employer_id, l.reward, l.fee
FROM assignments a JOIN jobs j ON j.id = a.job_id JOIN lots l ON l.id = a.lot_id
WHERE a.id = :assignment_id;

-- name: update_decided_submission!
UPDATE submissions SET status = :status, reason = :reason, note = :note, decided_by = :decided_by,
    decided_at = :decided_at, version = :version
WHERE id = :id AND version = :version_before;

-- name: update_decided_assignment!
UPDATE assignments SET status = :status, deadline_at = :deadline_at, warned_at = :warned_at, decided_at = :decided_at,
    pay_at = :pay_at, reopen_at = :reopen_at, version = :version
WHERE id = :id AND version = :version_before;

-- name: count_other_live_places$
SELECT count(*) FROM assignments
WHERE job_id = :job_id AND worker_id = :worker_id AND id <> :id AND status IN ('reserved', 'submitted');

-- The queue: the oldest that comes after a submission, else the oldest of all.
-- name: find_next_waiting$
SELECT s.id FROM submissions s JOIN jobs j ON j.id = s.job_id
WHERE j.employer_id = :employer_id AND s.status = 'pending' AND s.id <> :after_id
ORDER BY CASE WHEN (s.submitted_at, s.id) > (SELECT p.submitted_at, p.id FROM submissions p WHERE p.id = :after_id)
              THEN 0 ELSE 1 END, s.submitted_at, s.id
LIMIT 1;

-- name: find_next_frozen$
SELECT s.id FROM jobs j CROSS JOIN assignments a CROSS JOIN submissions s
WHERE j.employer_id = :employer_id AND a.job_id = j.id AND s.assignment_id = a.id
  AND a.status = 'rejected' AND a.reopened_at IS NULL AND a.reopen_at > :now
  AND s.status = 'rejected' AND s.id < :before_id
ORDER BY s.id DESC LIMIT 1;

-- name: get_review_surroundings^
SELECT
    (SELECT count(*) FROM assignments WHERE worker_id = :worker_id AND status = 'approved') AS worker_approved,
    (SELECT count(*) FROM assignments WHERE worker_id = :worker_id AND status = 'rejected') AS worker_rejected,
    coalesce((SELECT waiting FROM employer_figures WHERE employer_id = :employer_id), 0) AS total,
    (SELECT count(*) FROM submissions s JOIN jobs j ON j.id = s.job_id
     WHERE j.employer_id = :employer_id AND s.status = 'pending'
       AND (s.submitted_at, s.id) <= (:submitted_at, :id)) AS position,
    (SELECT count(*) FROM submissions s WHERE s.job_id = :job_id AND s.status = 'pending') AS job_waiting,
    EXISTS (SELECT 1 FROM approve_orders o WHERE o.job_id = :job_id AND o.status = 'open') AS approving_all,
    (SELECT min(s.submitted_at) FROM submissions s WHERE s.assignment_id = :assignment_id) AS first_sent_at,
    (SELECT reason FROM submissions s WHERE s.assignment_id = :assignment_id AND s.round < :round) AS asked_reason,
    (SELECT note FROM submissions s WHERE s.assignment_id = :assignment_id AND s.round < :round) AS asked_note;

-- Pictures of a submission that came with an earlier one, each with the first time it came.
-- name: list_pictures_seen_before
SELECT first.proof_id, a.worker_id, s.submitted_at,
       CASE WHEN j.employer_id = :employer_id THEN s.id END AS submission_id
FROM (
    SELECT match.proof_id, min(match.earlier_id) AS earlier_id FROM (
        SELECT p.id AS proof_id, e.id AS earlier_id
        FROM proofs p JOIN proofs e ON e.file_unique_id = p.file_unique_id
        WHERE p.submission_id = :submission_id AND e.id < p.id AND e.assignment_id <> p.assignment_id
          AND e.submission_id IS NOT NULL
        UNION ALL
        SELECT p.id AS proof_id, e.id AS earlier_id
        FROM proofs p JOIN proofs e ON e.sha256 = p.sha256
        WHERE p.submission_id = :submission_id AND e.id < p.id AND e.assignment_id <> p.assignment_id
          AND e.submission_id IS NOT NULL
        UNION ALL
        SELECT p.id AS proof_id, e.id AS earlier_id
        FROM proofs p JOIN proofs e ON e.pixels_sha256 = p.pixels_sha256
        WHERE p.submission_id = :submission_id AND e.id < p.id AND e.assignment_id <> p.assignment_id
          AND e.submission_id IS NOT NULL
    ) AS match GROUP BY match.proof_id
) AS first
JOIN proofs e ON e.id = first.earlier_id
JOIN submissions s ON s.id = e.submission_id
JOIN assignments a ON a.id = e.assignment_id
JOIN jobs j ON j.id = s.job_id
ORDER BY first.proof_id;

-- name: count_queue^
SELECT
    coalesce((SELECT waiting FROM employer_figures WHERE employer_id = :employer_id), 0) AS waiting,
    (SELECT count(*) FROM assignments a JOIN jobs j ON j.id = a.job_id
     WHERE j.employer_id = :employer_id AND a.status = 'rejected' AND a.reopened_at IS NULL
       AND a.reopen_at > :now) AS frozen;

-- name: find_last_undoable^
SELECT s.id, s.version, s.status, a.worker_id
FROM submissions s JOIN jobs j ON j.id = s.job_id JOIN assignments a ON a.id = s.assignment_id
WHERE j.employer_id = :employer_id AND s.decided_by = 'employer' AND s.decided_at > :since
  AND (s.status = 'rejected' OR (s.status = 'approved' AND a.paid_at IS NULL AND a.pay_at > :now)
       OR (s.status = 'changes_requested' AND a.status = 'reserved'))
ORDER BY s.decided_at DESC, s.id DESC LIMIT 1;

-- name: get_waiting_summary^
SELECT count(*) AS waiting, min(s.review_by_at) AS first_at
FROM submissions s JOIN jobs j ON j.id = s.job_id
WHERE j.employer_id = :employer_id AND s.status = 'pending';

-- name: get_waiting_sum^
SELECT j.id AS job_id, j.title, j.employer_id, count(s.id) AS waiting, coalesce(sum(l.reward), 0) AS reward,
       coalesce(max(s.id), 0) AS up_to_submission_id
FROM jobs j
LEFT JOIN submissions s ON s.job_id = j.id AND s.status = 'pending' AND s.id <= :up_to_submission_id
LEFT JOIN assignments a ON a.id = s.assignment_id
LEFT JOIN lots l ON l.id = a.lot_id
WHERE j.id = :job_id
GROUP BY j.id, j.title, j.employer_id;

-- name: insert_approve_order<!
INSERT INTO approve_orders (job_id, employer_id, up_to_submission_id, total, start_at, created_at)
VALUES (:job_id, :employer_id, :up_to_submission_id, :total, :start_at, :created_at)
RETURNING *;

-- name: find_approve_order^
SELECT * FROM approve_orders WHERE id = :id;

-- name: find_open_approve_order^
SELECT * FROM approve_orders WHERE job_id = :job_id AND status = 'open';

-- name: find_undoable_approve_order^
SELECT * FROM approve_orders
WHERE employer_id = :employer_id AND status = 'open' AND start_at > :now ORDER BY id DESC LIMIT 1;

-- name: find_started_approve_order^
SELECT * FROM approve_orders
WHERE status = 'open' AND start_at <= :now AND id NOT IN (SELECT CAST(value AS BIGINT) FROM json_each(:aside))
ORDER BY start_at, id LIMIT 1;

-- name: update_approve_order!
UPDATE approve_orders SET status = :status, approved = :approved, amount = :amount, version = :version,
    done_at = :done_at
WHERE id = :id AND version = :version_before;

-- name: list_waiting_of_order
SELECT id FROM submissions
WHERE job_id = :job_id AND status = 'pending' AND id <= :up_to_submission_id
ORDER BY submitted_at, id LIMIT :limit;

-- name: list_overdue_reviews
SELECT id FROM submissions WHERE status = 'pending' AND review_by_at <= :now ORDER BY review_by_at, id LIMIT :limit;

-- name: list_due_pay
SELECT a.*, s.id AS submission_id
FROM assignments a JOIN submissions s ON s.assignment_id = a.id AND s.status = 'approved'
WHERE a.status = 'approved' AND a.paid_at IS NULL AND a.pay_at <= :now
ORDER BY a.pay_at, a.id LIMIT :limit;

-- name: mark_place_paid!
UPDATE assignments SET paid_at = :now, version = version + 1
WHERE id = :id AND status = 'approved' AND paid_at IS NULL AND pay_at <= :now;

-- name: find_maturing_of_entry$
SELECT due_at FROM maturing WHERE entry_id = :entry_id AND matured_entry_id IS NULL;

-- name: list_due_reopen
SELECT * FROM assignments
WHERE status = 'rejected' AND reopened_at IS NULL AND reopen_at <= :now
ORDER BY reopen_at, id LIMIT :limit;

-- name: mark_place_reopened!
UPDATE assignments SET reopened_at = :now, version = version + 1
WHERE id = :id AND status = 'rejected' AND reopened_at IS NULL AND reopen_at <= :now;

-- Half of the review time is over, or four fifths: the indexes submissions_half and submissions_four_fifths.
-- name: list_reminders_due
SELECT due.employer_id, max(due.level) AS level FROM (
    SELECT j.employer_id, 1 AS level FROM submissions s JOIN jobs j ON j.id = s.job_id
    WHERE s.status = 'pending' AND s.reminded = 0 AND (s.submitted_at + s.review_by_at) / 2 <= :now
    UNION ALL
    SELECT j.employer_id, 2 AS level FROM submissions s JOIN jobs j ON j.id = s.job_id
    WHERE s.status = 'pending' AND s.reminded < 2 AND (s.submitted_at + 4 * s.review_by_at) / 5 <= :now
) AS due
GROUP BY due.employer_id ORDER BY due.employer_id LIMIT :limit;

-- name: mark_reminded!
UPDATE submissions SET reminded = CASE WHEN (submitted_at + 4 * review_by_at) / 5 <= :now THEN 2 ELSE 1 END
WHERE status = 'pending' AND reminded < 2 AND (submitted_at + review_by_at) / 2 <= :now
  AND job_id IN (SELECT id FROM jobs WHERE employer_id = :employer_id);

-- name: get_clock_approvals^
SELECT count(*) AS approved, coalesce(sum(l.reward), 0) AS reward
FROM jobs j CROSS JOIN submissions s
JOIN assignments a ON a.id = s.assignment_id JOIN lots l ON l.id = a.lot_id
WHERE j.employer_id = :employer_id AND s.job_id = j.id AND s.decided_by = 'clock' AND s.decided_at >= :since AND s.decided_at < :until;
