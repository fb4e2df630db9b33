-- Whole tables: what there is to copy.

-- name: bulk_list_columns
-- Columns with a value of their own: generated ones are left out (hidden 2 and 3).
SELECT t.name, c.name AS column_name
FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.hidden = 0
ORDER BY t.name, c.cid;
