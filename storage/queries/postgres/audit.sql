-- What the auditor asks of the server's own catalogues, and of JSON.

-- name: audit_list_schema
-- Everything that this program's steps can make in the schema we work in, whatever that schema is called. A trigger
-- that is switched off, a constraint nobody checked, an index that is not valid: each makes another text.
WITH here AS (
    SELECT n.oid AS id, quote_ident(n.nspname) || '.' AS prefix FROM pg_namespace n WHERE n.nspname = current_schema()
), relation AS (
    SELECT c.*, c.oid AS id FROM pg_class c JOIN here ON c.relnamespace = here.id
    WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid
                      AND d.deptype = 'e')
), column_text AS (
    SELECT a.attrelid AS id, a.attnum AS place, concat_ws(' ', quote_ident(a.attname),
               format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || quote_ident(o.collname) END,
               CASE WHEN a.attnotnull THEN 'NOT NULL' END,
               CASE WHEN a.attidentity <> '' THEN 'IDENTITY ' || CAST(a.attidentity AS text) END,
               CASE WHEN a.attgenerated <> '' THEN 'GENERATED ' || CAST(a.attgenerated AS text) END,
               'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid, true)) AS text
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation o ON o.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
), constraint_text AS (
    SELECT k.conrelid AS id, k.conname AS name, k.conname || ' ' || pg_get_constraintdef(k.oid, true) AS text
    FROM pg_constraint k WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
), thing AS (
    SELECT 'table' AS type, CAST(r.relname AS text) AS name, concat_ws(' ',
               CASE WHEN r.relkind <> 'r' THEN 'KIND ' || CAST(r.relkind AS text) END,
               CASE WHEN r.relpersistence <> 'p' THEN 'PERSISTENCE ' || CAST(r.relpersistence AS text) END,
               CASE WHEN r.relrowsecurity THEN 'ROW SECURITY' END,
               'TABLE', quote_ident(r.relname), '(' || concat_ws(', ',
                   (SELECT string_agg(c.text, ', ' ORDER BY c.place) FROM column_text c WHERE c.id = r.id),
                   (SELECT string_agg(k.text, ', ' ORDER BY k.name) FROM constraint_text k WHERE k.id = r.id)) || ')') AS sql
    FROM relation r WHERE r.relkind IN ('r', 'p', 'f', 'm')
    UNION ALL
    SELECT 'view', r.relname, pg_get_viewdef(r.id, true) FROM relation r WHERE r.relkind = 'v'
    UNION ALL
    SELECT 'index', x.relname, pg_get_indexdef(x.oid, 0, true) || CASE WHEN i.indisvalid THEN '' ELSE ' NOT VALID' END
    FROM relation r JOIN pg_index i ON i.indrelid = r.id JOIN pg_class x ON x.oid = i.indexrelid
    WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT 'trigger', g.tgname, pg_get_triggerdef(g.oid, true)
           || CASE WHEN g.tgenabled = 'O' THEN '' ELSE ' ENABLED ' || CAST(g.tgenabled AS text) END
    FROM relation r JOIN pg_trigger g ON g.tgrelid = r.id WHERE NOT g.tgisinternal
    UNION ALL
    SELECT DISTINCT 'trigger', r.relname || '''s foreign keys', 'switched off'
    FROM relation r JOIN pg_trigger g ON g.tgrelid = r.id WHERE g.tgisinternal AND g.tgenabled <> 'O'
    UNION ALL
    SELECT 'rule', u.rulename, pg_get_ruledef(u.oid, true)
    FROM relation r JOIN pg_rewrite u ON u.ev_class = r.id WHERE u.rulename <> '_RETURN'
    UNION ALL
    SELECT 'function', p.proname, pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN here ON p.pronamespace = here.id
    WHERE p.prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = CAST('pg_proc' AS regclass) AND d.objid = p.oid
                      AND d.deptype = 'e')
)
SELECT t.type, t.name, string_agg(replace(t.sql, here.prefix, ''), E'\n' ORDER BY t.sql) AS sql
FROM thing t CROSS JOIN here GROUP BY t.type, t.name ORDER BY t.type, t.name;

-- name: audit_messages
-- Older events may have been cleared away.
SELECT 'entry:' || e.id AS subject, e.kind || ' has no event' AS detail FROM entries e
WHERE e.id > :since AND e.at >= (SELECT max(at) FROM entries) - 604800000
  AND e.kind IN ('deposit', 'deposit_refunded', 'reward_paid', 'withdrawal_held', 'withdrawal_released',
                 'payout_settled', 'payout_returned')
  AND NOT EXISTS (SELECT 1 FROM events v WHERE CAST(CAST(v.payload AS json) ->> 'entry_id' AS bigint) = e.id
                  AND CAST(CAST(v.payload AS json) ->> 'entry_id' AS bigint) IS NOT NULL);

-- name: audit_references
-- Every foreign key is asked for rows that point to nothing: the server let them in if its rules were switched off.
WITH reference AS (
    SELECT CAST(child.relname AS text) AS child, CAST(parent.relname AS text) AS parent, format(
        'SELECT coalesce(to_json(c) ->> ''id'', ''?'') AS key FROM %s c WHERE %s'
        ' AND NOT EXISTS (SELECT 1 FROM %s p WHERE %s)',
        CAST(k.conrelid AS regclass),
        string_agg(format('c.%I IS NOT NULL', f.attname), ' AND '),
        CAST(k.confrelid AS regclass),
        string_agg(format('p.%I = c.%I', t.attname, f.attname), ' AND ')) AS question
    FROM pg_constraint k
    JOIN pg_namespace n ON n.oid = k.connamespace AND n.nspname = current_schema()
    JOIN pg_class child ON child.oid = k.conrelid JOIN pg_class parent ON parent.oid = k.confrelid
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (child_column, parent_column)
    JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = pair.child_column
    JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = pair.parent_column
    WHERE k.contype = 'f'
    GROUP BY k.oid, k.conrelid, k.confrelid, child.relname, parent.relname
)
SELECT r.child AS subject, 'row ' || found.key[1] || ' points to a missing row of ' || r.parent AS detail
FROM reference r
CROSS JOIN LATERAL regexp_matches(CAST(query_to_xml(r.question, false, false, '') AS text), '<key>([^<]*)</key>', 'g')
           AS found (key);
