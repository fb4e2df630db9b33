-- name: find_assignment^
SELECT * FROM assignments WHERE id = :id;
