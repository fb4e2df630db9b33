-- name: insert_lot<!
INSERT INTO lots (job_id, reward, fee, slots) VALUES (:job_id, :reward, :fee, :slots) RETURNING *;

-- name: list_lots
SELECT * FROM lots WHERE job_id = :job_id ORDER BY reward DESC, id;

-- name: take_free_slot^
UPDATE lots SET taken = taken + 1
WHERE taken + paid + released < slots AND id = (
    SELECT l.id FROM lots l JOIN jobs j ON j.id = l.job_id
    WHERE l.job_id = :job_id AND j.status = 'open' AND l.taken + l.paid + l.released < l.slots
    ORDER BY l.reward DESC, l.id LIMIT 1)
RETURNING *;

-- name: return_taken_slot^
UPDATE lots SET taken = taken - 1,
    released = released + CASE WHEN (SELECT status FROM jobs WHERE id = :job_id) = 'closed' THEN 1 ELSE 0 END
WHERE id = :lot_id AND job_id = :job_id AND taken > 0
RETURNING *;

-- name: pay_taken_slot^
UPDATE lots SET taken = taken - 1, paid = paid + 1
WHERE id = :lot_id AND job_id = :job_id AND taken > 0
RETURNING *;

-- name: release_free_slots!
UPDATE lots SET released = slots - taken - paid WHERE job_id = :job_id AND taken + paid + released < slots;

-- name: fill_job_without_free_slots!
UPDATE jobs SET status = 'filled', version = version + 1
WHERE id = :job_id AND status = 'open' AND free_slots = 0;

-- name: reopen_job_with_free_slots!
UPDATE jobs SET status = 'open', version = version + 1
WHERE id = :job_id AND status = 'filled' AND free_slots > 0;

-- name: close_job_without_open_slots!
UPDATE jobs SET status = 'closed', closed_at = :at, version = version + 1
WHERE id = :job_id AND status <> 'closed'
  AND NOT EXISTS (SELECT 1 FROM lots WHERE job_id = :job_id AND paid + released < slots);
