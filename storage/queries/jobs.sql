-- name: get_job^
SELECT * FROM jobs WHERE id = :id;

-- name: find_job_by_token^
SELECT * FROM jobs WHERE token = :token;

-- name: list_categories
SELECT * FROM categories WHERE enabled = 1 OR :enabled_only = 0 ORDER BY position;
