-- name: insert_arrivals
-- Stores a batch; what is already there is left alone and not given back.
INSERT INTO inbox (bot_id, update_id, sender_id, raw, received_at)
SELECT :bot_id, json_extract(value, '$.update_id'), json_extract(value, '$.sender_id'),
       json_extract(value, '$.raw'), :received_at
FROM json_each(:batch) WHERE true
ON CONFLICT (bot_id, update_id) DO NOTHING
RETURNING id, update_id;

-- name: list_unfinished
SELECT id, sender_id, status, raw, reply, sends FROM inbox
WHERE status IN ('new', 'applied') AND id > :after ORDER BY id LIMIT :limit;

-- name: list_unfinished_of_sender
SELECT id, sender_id, status, raw, reply FROM inbox
WHERE status IN ('new', 'applied') AND sender_id = :sender_id AND replica_id = :replica_id
  AND id > :after ORDER BY id LIMIT :limit;

-- name: mark_applied!
UPDATE inbox SET status = :status, raw = NULL, reply = :reply, put_off = :put_off, replica_id = :replica_id,
    applied_at = :at
WHERE id = :id AND status = 'new';

-- name: find_own_reply$
SELECT reply FROM inbox WHERE id = :id AND status = 'applied' AND replica_id = :replica_id;

-- name: find_arrival^
SELECT id, sender_id, status, raw, reply FROM inbox WHERE id = :id AND status = 'new';

-- name: mark_answered!
UPDATE inbox SET status = 'answered', reply = NULL
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(:ids)) AND status = 'applied';

-- name: add_attempt<!
UPDATE inbox SET attempts = attempts + 1, error = :error WHERE id = :id AND status = 'new' RETURNING attempts;

-- name: quarantine!
UPDATE inbox SET status = 'quarantined', error = :error, applied_at = :at WHERE id = :id AND status = 'new';

-- name: add_send<!
UPDATE inbox SET sends = sends + 1 WHERE id = :id RETURNING sends;

-- name: delete_old_arrivals!
DELETE FROM inbox WHERE id IN (
    SELECT id FROM inbox WHERE status IN ('answered', 'quarantined') AND received_at < :before LIMIT :limit);
