-- name: move_pin!
UPDATE deliveries SET message_id = :message_id, sent_at = :at WHERE key = :key;

-- name: insert_pin!
INSERT INTO deliveries (event_id, member_id, lane, topic, status, due_at, message_id, key, sent_at)
VALUES (:event_id, :member_id, 'screen', :topic, 'sent', :at, :message_id, :key, :at);
