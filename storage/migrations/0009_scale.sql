-- What would otherwise walk through a whole table (docs/SCALING.md).

-- The auditor asks for the places of a lot.
CREATE INDEX assignments_lot ON assignments (lot_id);

-- Operators are looked up whenever one of them is owed a message.
CREATE INDEX members_operators ON members (id) WHERE role = 'operator';

-- When the last fifth of a reservation begins; bot/domain/work.py has the part.
CREATE INDEX assignments_warn ON assignments ((deadline_at - (deadline_at - reserved_at) / 5))
    WHERE status = 'reserved' AND warned_at IS NULL;

-- Nobody's picture outlives its place by more than the retention: the oldest kept ones are looked at first, and alone.
DROP INDEX proofs_kept;
CREATE INDEX proofs_kept_since ON proofs (created_at, id) WHERE path IS NOT NULL;

-- The same rule as before, with the category as a join: PostgreSQL's planner takes a subquery that equals something for one
-- row in two hundred. It expected a handful of jobs in all, and sorted every open one instead of walking along the index
-- of the order that is asked for.
DROP VIEW takeable_jobs;
CREATE VIEW takeable_jobs AS
SELECT m.id AS member_id, j.id, j.category_id, j.title, j.reward, j.minutes, j.free_slots, j.published_at, j.listed
FROM members m CROSS JOIN jobs j CROSS JOIN categories c
WHERE j.status = 'open' AND j.free_slots > 0 AND j.published_at IS NOT NULL AND j.employer_id <> m.id
  AND c.id = j.category_id AND c.enabled = 1
  AND (SELECT coalesce(sum(CASE WHEN a.status IN ('reserved', 'submitted') THEN j.per_member ELSE 1 END), 0)
       FROM assignments a
       WHERE a.job_id = j.id AND a.worker_id = m.id AND a.status NOT IN ('returned', 'expired')) < j.per_member;
