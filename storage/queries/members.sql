-- name: get_member^
SELECT * FROM members WHERE id = :id;

-- name: find_member_by_telegram^
SELECT * FROM members WHERE telegram_user_id = :telegram_user_id;

-- name: insert_member<!
INSERT INTO members (telegram_user_id, first_name, language, role, created_at, seen_at)
VALUES (:telegram_user_id, :first_name, :language, :role, :at, :at)
RETURNING *;

-- name: list_operators
SELECT * FROM members WHERE role = 'operator' AND status = 'active' ORDER BY id;

-- name: update_member_role!
UPDATE members SET role = :role WHERE telegram_user_id = :telegram_user_id AND role <> :role;

-- name: demote_operators_except!
UPDATE members SET role = 'member'
WHERE role = 'operator' AND telegram_user_id NOT IN (SELECT CAST(value AS BIGINT) FROM json_each(:telegram_user_ids));

-- name: update_member_reachable!
UPDATE members SET reachable = :reachable WHERE id = :id;

-- name: update_member_seen!
UPDATE members SET seen_at = :at, reachable = 1, first_name = :first_name WHERE id = :id;

-- name: update_member_language!
UPDATE members SET language = :language WHERE id = :id;

-- name: update_member_time_zone!
UPDATE members SET time_zone = :time_zone WHERE id = :id;

-- name: update_member_sign_up!
UPDATE members SET country = :country, terms_at = :at WHERE id = :id;

-- name: update_member_settings!
UPDATE members SET settings = :settings WHERE id = :id;

-- name: open_update
SELECT inbox.status AS inbox_status, inbox.attempts, m.*,
       d.conversation, d.state AS dialog_state, d.draft, d.open AS dialog_open, d.expires_at,
       (SELECT n.topic FROM deliveries n
        WHERE n.member_id = m.id AND n.message_id = :message_id AND n.topic IS NOT NULL LIMIT 1) AS topic
FROM inbox
LEFT JOIN members m ON m.telegram_user_id = :telegram_user_id
LEFT JOIN dialogs d ON d.member_id = m.id AND d.open = 1
WHERE inbox.id = :inbox_id;
