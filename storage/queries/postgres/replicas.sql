-- Several processes on one database. There is nothing like it on the embedded engine, which has one.

-- name: replica_join<!
INSERT INTO replicas (name, started_at, seen_at) VALUES (:name, clock_ms(), clock_ms()) RETURNING id;

-- name: replica_beat!
UPDATE replicas SET seen_at = clock_ms() WHERE id = :id AND seen_at > 0;

-- name: replica_leave!
UPDATE replicas SET seen_at = 0 WHERE id = :id;

-- name: replica_list
SELECT id, name, started_at, clock_ms() - seen_at AS silent_ms FROM replicas WHERE seen_at > 0 ORDER BY id;

-- name: replica_forget!
DELETE FROM replicas WHERE seen_at < clock_ms() - :kept_ms;

-- name: replica_take_arrivals
-- What nobody that is alive will finish; two that look at once take different rows.
WITH left_behind AS (
    SELECT id FROM inbox
    WHERE status IN ('new', 'applied')
      AND replica_id NOT IN (SELECT id FROM replicas WHERE seen_at > clock_ms() - :lease_ms)
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE inbox SET replica_id = :id WHERE id IN (SELECT id FROM left_behind)
    RETURNING id, sender_id, status, raw, reply, put_off
)
SELECT id, sender_id, status, raw, reply, put_off FROM taken ORDER BY id;

-- name: replica_release_messages!
-- Receipts and screens that nobody alive is sending are due again.
UPDATE deliveries SET status = 'due', error = 'interrupted'
WHERE status = 'sending' AND lane <> 'alert'
  AND replica_id NOT IN (SELECT id FROM replicas WHERE seen_at > clock_ms() - :lease_ms);

-- name: replica_skip_alerts!
-- Alerts that nobody alive is sending are let go: never twice.
UPDATE deliveries SET status = 'skipped', error = 'interrupted'
WHERE status = 'sending' AND lane = 'alert'
  AND replica_id NOT IN (SELECT id FROM replicas WHERE seen_at > clock_ms() - :lease_ms);

-- name: replica_take_turn^
SELECT earlier_id, unanswered_id FROM take_turn(:inbox_id, :id);

-- name: replica_owns$
SELECT count(*) FROM inbox WHERE id = :inbox_id AND status = 'applied' AND replica_id = :id;

-- name: replica_is_overtaken$
-- Whether a later reply was put off under the same key: then only that one is sent.
SELECT count(*) FROM inbox later JOIN inbox own ON own.sender_id = later.sender_id AND own.put_off = later.put_off
WHERE own.id = :inbox_id AND later.id > own.id;

-- name: send_slot_count$
SELECT count(*) FROM send_slots;

-- name: send_slots_add!
INSERT INTO send_slots (slot, at)
SELECT slot, 0 FROM generate_series(1, CAST(:rate AS bigint)) AS slot
ON CONFLICT (slot) DO NOTHING;

-- name: send_slots_cut!
DELETE FROM send_slots WHERE slot > :rate;

-- name: send_slot_take$
-- The longest unused slot, if its last use is a second ago and no flood wait is on.
UPDATE send_slots SET at = clock_ms()
WHERE slot = (SELECT slot FROM send_slots WHERE at <= clock_ms() - :apart_ms ORDER BY at, slot
              LIMIT 1 FOR UPDATE SKIP LOCKED)
  AND coalesce((SELECT CAST(value AS bigint) FROM flags WHERE name = 'flood_until'), 0) <= clock_ms()
RETURNING slot;

-- name: send_slot_wait$
-- In how many milliseconds there may be a slot to take.
SELECT greatest(coalesce((SELECT min(at) FROM send_slots), 0) + :apart_ms,
                coalesce((SELECT CAST(value AS bigint) FROM flags WHERE name = 'flood_until'), 0)) - clock_ms();
