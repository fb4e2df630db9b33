-- name: find_submission^
SELECT * FROM submissions WHERE id = :id;

-- name: list_proofs
SELECT * FROM proofs WHERE submission_id = :submission_id ORDER BY requirement, id;
