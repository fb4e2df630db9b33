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
