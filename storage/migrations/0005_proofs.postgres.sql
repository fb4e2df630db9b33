-- 0005_proofs.sql on PostgreSQL.
ALTER TABLE proofs ADD COLUMN pixels_sha256 text COLLATE "C";
CREATE INDEX proofs_pixels ON proofs (pixels_sha256) WHERE pixels_sha256 IS NOT NULL;
CREATE INDEX proofs_kept ON proofs (id) WHERE path IS NOT NULL;
