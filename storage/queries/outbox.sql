-- name: insert_event<!
INSERT INTO events (kind, payload, at) VALUES (:kind, :payload, :at) RETURNING id;

-- name: insert_delivery*!
INSERT INTO deliveries (event_id, member_id, lane, topic, due_at, expires_at, key)
VALUES (:event_id, :member_id, :lane, :topic, :due_at, :expires_at, :key)
ON CONFLICT (key) DO NOTHING;
