-- Alerts: subscriptions, the round of each new job among them, and the messages of jobs that are full.

-- name: alert_find_subscription^
SELECT * FROM subscriptions WHERE member_id = :member_id;

-- name: alert_save_subscription!
INSERT INTO subscriptions (member_id, enabled, minimum_reward, categories, muted_until_at, created_at)
VALUES (:member_id, :enabled, :minimum_reward, :categories, :muted_until_at, :at)
ON CONFLICT (member_id) DO UPDATE
SET enabled = excluded.enabled, minimum_reward = excluded.minimum_reward, categories = excluded.categories,
    muted_until_at = excluded.muted_until_at;

-- name: alert_find_next_job^
SELECT j.*, r.first_member_id, r.after_member_id, r.wrapped
FROM jobs j LEFT JOIN alert_rounds r ON r.job_id = j.id
WHERE j.status = 'open' AND j.alerted_at IS NULL AND j.id NOT IN (SELECT CAST(value AS BIGINT) FROM json_each(:aside))
ORDER BY j.id LIMIT 1;

-- name: alert_find_last_subscriber$
SELECT max(member_id) FROM subscriptions;

-- name: alert_list_readers
-- A slice of all subscribers by id; who of them gets the alert, the rules decide.
SELECT s.*, m.reachable, m.status AS member_status
FROM subscriptions s JOIN members m ON m.id = s.member_id
WHERE s.member_id > :after AND s.member_id < :before
ORDER BY s.member_id LIMIT :limit;

-- name: alert_count_recent
-- The alerts of these members since a time: sent or about to be. Edits of alerts have another key.
SELECT d.member_id, count(*) AS alerts FROM deliveries d
WHERE d.member_id IN (SELECT CAST(value AS BIGINT) FROM json_each(:member_ids)) AND d.lane = 'alert' AND d.due_at >= :since
  AND d.status IN ('due', 'sending', 'sent') AND substr(d.key, 1, 6) = 'alert:'
GROUP BY d.member_id;

-- name: alert_save_round!
INSERT INTO alert_rounds (job_id, first_member_id, after_member_id, wrapped)
VALUES (:job_id, :first_member_id, :after_member_id, :wrapped)
ON CONFLICT (job_id) DO UPDATE SET after_member_id = excluded.after_member_id, wrapped = excluded.wrapped;

-- name: alert_finish_job!
UPDATE jobs SET alerted_at = :at WHERE id = :job_id;

-- name: alert_delete_rounds!
-- The round that ended, and those of jobs that closed meanwhile.
DELETE FROM alert_rounds
WHERE job_id = :job_id OR EXISTS (SELECT 1 FROM jobs j WHERE j.id = alert_rounds.job_id AND j.status = 'closed');

-- name: alert_find_job_over^
-- The next event that says a job has no free place any more; the index events_job_over has only these.
SELECT id, payload FROM events
WHERE kind IN ('job_filled', 'job_closed') AND id > :after ORDER BY id LIMIT 1;

-- name: alert_list_told
-- Members who have a job's alert in front of them.
SELECT d.member_id FROM deliveries d
WHERE d.lane = 'alert' AND d.topic = :topic AND d.member_id > :after AND d.status IN ('sending', 'sent')
GROUP BY d.member_id ORDER BY d.member_id LIMIT :limit;

-- name: alert_is_in_front$
-- Whether a job's alert still stands where it was sent: nothing was opened in its place, and no place taken from it.
SELECT EXISTS (
    SELECT 1 FROM deliveries
    WHERE member_id = :member_id AND topic = :topic AND status = 'sent' AND message_id IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM assignments WHERE job_id = :job_id AND worker_id = :member_id);
