-- Taking messages for sending, where several processes do.

-- name: claim_delivery!
-- One that somebody else is taking is left to them.
UPDATE deliveries SET status = 'sending', attempts = attempts + 1, replica_id = :replica_id
WHERE id = (SELECT d.id FROM deliveries d WHERE d.id = :id AND d.status = 'due' FOR UPDATE SKIP LOCKED)
  AND may_send(:id);
