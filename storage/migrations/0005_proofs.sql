-- The same pixels in another file: a picture saved again, or with other metadata, is found too.
ALTER TABLE proofs ADD COLUMN pixels_sha256 TEXT;
CREATE INDEX proofs_pixels ON proofs (pixels_sha256) WHERE pixels_sha256 IS NOT NULL;

-- Files on the disk, for the tick that deletes what has been kept long enough.
CREATE INDEX proofs_kept ON proofs (id) WHERE path IS NOT NULL;
