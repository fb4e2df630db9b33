-- name: insert_event<!
INSERT INTO events (kind, payload, at) VALUES (:kind, :payload, :at) RETURNING id;

-- name: insert_delivery*!
INSERT INTO deliveries (event_id, member_id, lane, topic, due_at, expires_at, key)
VALUES (:event_id, :member_id, :lane, :topic, :due_at, :expires_at, :key)
ON CONFLICT (key) DO NOTHING;

-- name: list_due_deliveries
SELECT d.id, d.event_id, d.member_id, d.lane, d.topic, d.expires_at, d.attempts, d.error,
       e.kind, e.payload, m.telegram_user_id
FROM deliveries d
JOIN events e ON e.id = d.event_id
JOIN members m ON m.id = d.member_id
WHERE d.status = 'due' AND d.lane = :lane AND d.due_at <= :now
ORDER BY d.due_at, d.id
LIMIT :limit;

-- name: claim_delivery!
UPDATE deliveries SET status = 'sending', attempts = attempts + 1, replica_id = :replica_id
WHERE id = :id AND status = 'due';

-- name: finish_delivery!
UPDATE deliveries SET status = :status, message_id = :message_id, sent_at = :at, error = :error,
    due_at = coalesce(:due_at, due_at)
WHERE id = :id;

-- name: park_delivery!
-- Nobody looks at it again before its member can be reached: thousands of them must not be read every second.
UPDATE deliveries SET due_at = :parked_at WHERE id = :id AND status = 'due';

-- name: skip_delivery!
UPDATE deliveries SET status = 'skipped', error = :error WHERE id = :id AND status = 'due';

-- name: release_parked_deliveries!
UPDATE deliveries SET due_at = :at
WHERE member_id = :member_id AND status = 'due' AND lane = 'receipt' AND due_at = :parked_at;

-- name: skip_overtaken_deliveries!
UPDATE deliveries SET status = 'skipped'
WHERE member_id = :member_id AND topic = :topic AND status = 'due' AND id < :id AND due_at <= :now;

-- name: find_topic_message$
SELECT message_id FROM deliveries
WHERE member_id = :member_id AND topic = :topic AND status = 'sent' AND message_id IS NOT NULL
ORDER BY id DESC LIMIT 1;

-- name: close_topic!
UPDATE deliveries SET message_id = NULL
WHERE member_id = :member_id AND topic = :topic AND message_id IS NOT NULL;

-- name: release_interrupted!
UPDATE deliveries SET status = 'due', error = 'interrupted' WHERE status = 'sending' AND lane <> 'alert';

-- name: skip_interrupted_alerts!
UPDATE deliveries SET status = 'skipped', error = 'interrupted' WHERE status = 'sending' AND lane = 'alert';

-- name: get_flag$
SELECT value FROM flags WHERE name = :name;

-- name: set_flag!
INSERT INTO flags (name, value, at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at;

-- name: delete_flag!
DELETE FROM flags WHERE name = :name;

-- name: take_slot!
INSERT INTO tick_slots (tick, slot, at) VALUES (:tick, :slot, :at) ON CONFLICT (tick, slot) DO NOTHING;

-- name: find_newest_moment$
SELECT MAX(at) FROM (
    SELECT MAX(at) AS at FROM (SELECT at FROM events ORDER BY id DESC LIMIT 100) e
    UNION ALL
    SELECT MAX(received_at) FROM (SELECT received_at FROM inbox ORDER BY id DESC LIMIT 100) i
) newest;
