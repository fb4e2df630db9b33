-- A slice of the subscribers, whose members are looked up one by one: a merge of both tables would begin with the first.

-- name: alert_list_readers
SELECT s.*, m.reachable, m.status AS member_status
FROM (
    SELECT * FROM subscriptions
    WHERE member_id > :after AND member_id < :before ORDER BY member_id LIMIT :limit) s
CROSS JOIN LATERAL (SELECT reachable, status FROM members WHERE id = s.member_id OFFSET 0) m
ORDER BY s.member_id;
