-- The rules that stand aside while whole tables come (storage/bulk.py).

-- name: bulk_list_foreign_keys
SELECT CAST(c.relname AS text) AS name, quote_ident(k.conname) AS constraint_name,
       pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
WHERE k.contype = 'f' ORDER BY c.relname, k.conname;

-- name: bulk_list_numbered
-- Tables whose ids the server gives.
SELECT CAST(c.relname AS text) AS name, pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' AND a.attname = 'id'
WHERE c.relkind = 'r' ORDER BY c.relname;
