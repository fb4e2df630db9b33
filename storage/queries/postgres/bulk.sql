-- Whole tables: what there is to copy.

-- name: bulk_list_columns
-- Columns with a value of their own: generated ones are left out.
SELECT CAST(c.relname AS text) AS name, CAST(a.attname AS text) AS column_name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind = 'r' ORDER BY c.relname, a.attnum;
