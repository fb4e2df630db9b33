-- name: find_dialog^
SELECT * FROM dialogs WHERE member_id = :member_id AND conversation = :conversation;

-- name: find_left_dialog^
SELECT * FROM dialogs WHERE member_id = :member_id AND open = 0 AND expires_at > :after
ORDER BY expires_at DESC, conversation LIMIT 1;

-- name: upsert_dialog!
INSERT INTO dialogs (member_id, conversation, state, draft, open, expires_at)
VALUES (:member_id, :conversation, :state, :draft, :open, :expires_at)
ON CONFLICT (member_id, conversation) DO UPDATE
SET state = excluded.state, draft = excluded.draft, open = excluded.open, expires_at = excluded.expires_at;

-- name: delete_dialog!
DELETE FROM dialogs WHERE member_id = :member_id AND conversation = :conversation;

-- name: park_expired_dialogs!
-- Asked again of the row itself: its member may have gone on in the meantime.
UPDATE dialogs SET open = 0, expires_at = expires_at + :parked_ms
WHERE (member_id, conversation) IN
    (SELECT member_id, conversation FROM dialogs WHERE open = 1 AND expires_at <= :now LIMIT :limit)
  AND open = 1 AND expires_at <= :now;

-- name: delete_expired_dialogs!
DELETE FROM dialogs WHERE (member_id, conversation) IN
    (SELECT member_id, conversation FROM dialogs WHERE open = 0 AND expires_at <= :now LIMIT :limit)
  AND open = 0 AND expires_at <= :now;
