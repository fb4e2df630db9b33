-- name: insert_arrivals
-- Stores a batch in its order; what is already there is left alone and not given back, but for what this very process
-- stored and has still to apply: the answer to the commit that stored it may have been lost.
WITH fresh AS (
    INSERT INTO inbox (bot_id, update_id, sender_id, raw, received_at, replica_id)
    SELECT :bot_id, b.update_id, b.sender_id, b.raw, :received_at, :replica_id
    FROM unnest(CAST(:update_ids AS bigint[]), CAST(:sender_ids AS bigint[]), CAST(:raws AS text[]))
         WITH ORDINALITY AS b (update_id, sender_id, raw, place)
    ORDER BY b.place
    ON CONFLICT (bot_id, update_id) DO NOTHING
    RETURNING id, update_id
)
SELECT id, update_id FROM fresh
UNION ALL
SELECT i.id, i.update_id FROM inbox i
WHERE i.bot_id = :bot_id AND i.update_id = ANY (CAST(:update_ids AS bigint[])) AND i.status = 'new'
  AND i.replica_id = :replica_id
ORDER BY id;
