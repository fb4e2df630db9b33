-- name: find_submission^
SELECT * FROM submissions WHERE id = :id;

-- name: list_proofs
SELECT * FROM proofs WHERE submission_id = :submission_id ORDER BY requirement, id;

-- name: find_last_submission^
SELECT * FROM submissions WHERE assignment_id = :assignment_id ORDER BY round DESC LIMIT 1;

-- name: insert_submission<!
INSERT INTO submissions (assignment_id, job_id, round, status, answers, submitted_at, review_by_at)
VALUES (:assignment_id, :job_id, :round, 'pending', :answers, :submitted_at, :review_by_at)
RETURNING *;

-- name: replace_submission^
-- New proof before anybody decided: the same submission, its review time from the start.
UPDATE submissions SET answers = :answers, review_by_at = :review_by_at, reminded = 0, version = version + 1
WHERE id = :id AND version = :version AND status = 'pending'
RETURNING *;

-- name: list_current_proofs
SELECT * FROM proofs
WHERE assignment_id = :assignment_id AND status <> 'expired'
  AND (submission_id IS NULL OR submission_id = :submission_id)
ORDER BY requirement, id;

-- name: find_proof^
SELECT * FROM proofs WHERE id = :id;

-- name: insert_proof<!
INSERT INTO proofs (assignment_id, requirement, kind, file_id, file_unique_id, size, media_group_id, width, height,
                    shown_file_id, created_at)
VALUES (:assignment_id, :requirement, :kind, :file_id, :file_unique_id, :size, :media_group_id, :width, :height,
        :shown_file_id, :at)
RETURNING *;

-- name: find_own_use^
-- A picture this member sent as proof of another place.
SELECT p.id FROM proofs p JOIN assignments a ON a.id = p.assignment_id
WHERE p.file_unique_id = :file_unique_id AND p.submission_id IS NOT NULL
  AND a.worker_id = :worker_id AND a.id <> :assignment_id
LIMIT 1;

-- name: find_own_use_by_hash^
SELECT p.id FROM proofs p JOIN assignments a ON a.id = p.assignment_id
WHERE (p.sha256 = :sha256 OR p.pixels_sha256 = :pixels_sha256) AND p.submission_id IS NOT NULL
  AND a.worker_id = :worker_id AND a.id <> :assignment_id
LIMIT 1;

-- name: drop_last_draft_proof!
UPDATE proofs SET status = 'expired'
WHERE id = (SELECT max(id) FROM proofs WHERE assignment_id = :assignment_id AND requirement = :requirement
            AND submission_id IS NULL AND status IN ('new', 'stored'));

-- name: drop_draft_proofs!
UPDATE proofs SET status = 'expired'
WHERE assignment_id = :assignment_id AND requirement = :requirement AND submission_id IS NULL;

-- name: drop_unreadable_draft_proofs!
UPDATE proofs SET status = 'expired'
WHERE assignment_id = :assignment_id AND requirement = :requirement AND submission_id IS NULL AND status = 'refused';

-- name: drop_replaced_proofs!
-- The pictures of a submission whose requirement has new ones.
UPDATE proofs SET status = 'expired', submission_id = NULL
WHERE submission_id = :submission_id AND requirement IN (
    SELECT requirement FROM proofs
    WHERE assignment_id = :assignment_id AND submission_id IS NULL AND status IN ('new', 'stored'));

-- name: carry_proofs!
-- What the fix round did not replace belongs to both rounds.
INSERT INTO proofs (assignment_id, submission_id, requirement, kind, file_id, file_unique_id, size, media_group_id,
                    status, path, sha256, pixels_sha256, width, height, shown_file_id, created_at)
SELECT assignment_id, :submission_id, requirement, kind, file_id, file_unique_id, size, media_group_id,
       status, path, sha256, pixels_sha256, width, height, shown_file_id, :at
FROM proofs
WHERE submission_id = :earlier_id AND status IN ('new', 'stored') AND requirement NOT IN (
    SELECT requirement FROM proofs
    WHERE assignment_id = :assignment_id AND submission_id IS NULL AND status IN ('new', 'stored'))
ORDER BY id;

-- name: attach_draft_proofs!
UPDATE proofs SET submission_id = :submission_id
WHERE assignment_id = :assignment_id AND submission_id IS NULL AND status IN ('new', 'stored');

-- name: adopt_draft_proofs!
-- What was not sent in time is still there when the member takes a place in the job again.
UPDATE proofs SET assignment_id = :assignment_id
WHERE submission_id IS NULL AND status IN ('new', 'stored') AND assignment_id IN (
    SELECT id FROM assignments
    WHERE job_id = :job_id AND worker_id = :worker_id AND status IN ('returned', 'expired'));

-- name: update_proof_shown!
UPDATE proofs SET shown_file_id = :shown_file_id WHERE id = :id AND path IS NOT NULL;

-- name: list_new_proofs
SELECT * FROM proofs WHERE status = 'new' ORDER BY id LIMIT :limit;

-- name: add_proof_attempt^
UPDATE proofs SET attempts = attempts + 1 WHERE id = :id AND status = 'new' RETURNING attempts;

-- name: store_proof!
UPDATE proofs SET status = 'stored', path = :path, sha256 = :sha256, pixels_sha256 = :pixels_sha256,
                  width = :width, height = :height
WHERE id = :id AND status = 'new';

-- name: is_file_kept$
SELECT count(*) FROM proofs WHERE path = :path;

-- name: refuse_proof!
UPDATE proofs SET status = 'refused', refusal = :refusal WHERE id = :id AND status = 'new';

-- name: list_outlived_files
-- Files of places that ended before :before, and of pictures that nothing uses any more.
SELECT p.id, p.path FROM proofs p JOIN assignments a ON a.id = p.assignment_id
WHERE p.path IS NOT NULL AND p.created_at < :before AND (
    (a.status IN ('approved', 'rejected') AND a.decided_at < :before)
    OR (a.status IN ('returned', 'expired') AND a.deadline_at < :before))
ORDER BY p.created_at, p.id LIMIT :limit;

-- name: forget_proof_files!
UPDATE proofs SET status = 'expired', path = NULL, shown_file_id = NULL
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids));
