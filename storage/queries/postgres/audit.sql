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

-- name: audit_running_balances
-- Each transfer left what the one before it left, and its own amount. From the beginning all of them are sorted once;
-- of a few, each one's forerunner is looked up.
WITH side AS NOT MATERIALIZED (
    SELECT id, entry_id, debit AS name, -amount AS change, debit_balance AS left_over FROM transfers
    UNION ALL
    SELECT id, entry_id, credit, amount, credit_balance FROM transfers
), walk AS (
    SELECT id, name, change, left_over, lag(left_over) OVER (PARTITION BY name ORDER BY id) AS before
    FROM side WHERE CAST(:since AS bigint) = 0
    UNION ALL
    SELECT s.id, s.name, s.change, s.left_over, (
        SELECT CASE WHEN t.debit = s.name THEN t.debit_balance ELSE t.credit_balance END FROM transfers t
        WHERE t.id = greatest((SELECT max(id) FROM transfers WHERE debit = s.name AND id < s.id),
                              (SELECT max(id) FROM transfers WHERE credit = s.name AND id < s.id)))
    FROM side s WHERE CAST(:since AS bigint) > 0 AND s.entry_id > :since
)
SELECT 'transfer:' || id AS subject, name || ' was left with ' || left_over AS detail
FROM walk WHERE left_over <> change + coalesce(before, 0);

-- name: audit_messages
-- Older events may have been cleared away.
SELECT 'entry:' || e.id AS subject, e.kind || ' has no event' AS detail FROM entries e
WHERE e.id > :since AND e.at >= (SELECT at FROM entries ORDER BY id DESC LIMIT 1) - 604800000
  AND e.kind IN ('deposit', 'deposit_refunded', 'reward_paid', 'withdrawal_held', 'withdrawal_released',
                 'payout_settled', 'payout_returned')
  AND NOT EXISTS (SELECT 1 FROM events v WHERE CAST(substring(v.payload FROM '[{,]"entry_id":([0-9]{1,18})[,}]') AS bigint) = e.id
                  AND CAST(substring(v.payload FROM '[{,]"entry_id":([0-9]{1,18})[,}]') AS bigint) IS NOT NULL);

-- name: audit_references
-- Every foreign key is asked for rows that point to nothing: the server lets them in where its rules are switched off.
-- A test compares this list with the foreign keys there are.
WITH orphan AS (
    SELECT 'dialogs' AS child, CAST(NULL AS bigint) AS row_id, 'members' AS parent FROM dialogs c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL
    UNION ALL SELECT 'deliveries', c.id, 'events' FROM deliveries c
    LEFT JOIN events p ON p.id = c.event_id WHERE p.id IS NULL
    UNION ALL SELECT 'deliveries', c.id, 'members' FROM deliveries c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL
    UNION ALL SELECT 'audit_log', c.id, 'members' FROM audit_log c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL AND c.member_id IS NOT NULL
    UNION ALL SELECT 'jobs', c.id, 'members' FROM jobs c
    LEFT JOIN members p ON p.id = c.employer_id WHERE p.id IS NULL
    UNION ALL SELECT 'jobs', c.id, 'categories' FROM jobs c
    LEFT JOIN categories p ON p.id = c.category_id WHERE p.id IS NULL
    UNION ALL SELECT 'lots', c.id, 'jobs' FROM lots c
    LEFT JOIN jobs p ON p.id = c.job_id WHERE p.id IS NULL
    UNION ALL SELECT 'assignments', c.id, 'jobs' FROM assignments c
    LEFT JOIN jobs p ON p.id = c.job_id WHERE p.id IS NULL
    UNION ALL SELECT 'assignments', c.id, 'lots' FROM assignments c
    LEFT JOIN lots p ON p.id = c.lot_id WHERE p.id IS NULL
    UNION ALL SELECT 'assignments', c.id, 'members' FROM assignments c
    LEFT JOIN members p ON p.id = c.worker_id WHERE p.id IS NULL
    UNION ALL SELECT 'submissions', c.id, 'assignments' FROM submissions c
    LEFT JOIN assignments p ON p.id = c.assignment_id WHERE p.id IS NULL
    UNION ALL SELECT 'submissions', c.id, 'jobs' FROM submissions c
    LEFT JOIN jobs p ON p.id = c.job_id WHERE p.id IS NULL
    UNION ALL SELECT 'proofs', c.id, 'assignments' FROM proofs c
    LEFT JOIN assignments p ON p.id = c.assignment_id WHERE p.id IS NULL
    UNION ALL SELECT 'proofs', c.id, 'submissions' FROM proofs c
    LEFT JOIN submissions p ON p.id = c.submission_id WHERE p.id IS NULL AND c.submission_id IS NOT NULL
    UNION ALL SELECT 'subscriptions', c.member_id, 'members' FROM subscriptions c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL
    UNION ALL SELECT 'deposits', c.id, 'members' FROM deposits c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL
    UNION ALL SELECT 'deposits', c.id, 'members' FROM deposits c
    LEFT JOIN members p ON p.id = c.decided_by WHERE p.id IS NULL AND c.decided_by IS NOT NULL
    UNION ALL SELECT 'deposits', c.id, 'entries' FROM deposits c
    LEFT JOIN entries p ON p.id = c.entry_id WHERE p.id IS NULL AND c.entry_id IS NOT NULL
    UNION ALL SELECT 'withdrawals', c.id, 'members' FROM withdrawals c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL
    UNION ALL SELECT 'withdrawals', c.id, 'members' FROM withdrawals c
    LEFT JOIN members p ON p.id = c.decided_by WHERE p.id IS NULL AND c.decided_by IS NOT NULL
    UNION ALL SELECT 'accounts', NULL, 'members' FROM accounts c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL AND c.member_id IS NOT NULL
    UNION ALL SELECT 'accounts', NULL, 'jobs' FROM accounts c
    LEFT JOIN jobs p ON p.id = c.job_id WHERE p.id IS NULL AND c.job_id IS NOT NULL
    UNION ALL SELECT 'entries', c.id, 'seals' FROM entries c
    LEFT JOIN seals p ON p.entry_id = c.id WHERE p.entry_id IS NULL
    UNION ALL SELECT 'entries', c.id, 'jobs' FROM entries c
    LEFT JOIN jobs p ON p.id = c.job_id WHERE p.id IS NULL AND c.job_id IS NOT NULL
    UNION ALL SELECT 'entries', c.id, 'assignments' FROM entries c
    LEFT JOIN assignments p ON p.id = c.assignment_id WHERE p.id IS NULL AND c.assignment_id IS NOT NULL
    UNION ALL SELECT 'entries', c.id, 'deposits' FROM entries c
    LEFT JOIN deposits p ON p.id = c.deposit_id WHERE p.id IS NULL AND c.deposit_id IS NOT NULL
    UNION ALL SELECT 'entries', c.id, 'withdrawals' FROM entries c
    LEFT JOIN withdrawals p ON p.id = c.withdrawal_id WHERE p.id IS NULL AND c.withdrawal_id IS NOT NULL
    UNION ALL SELECT 'entries', c.id, 'entries' FROM entries c
    LEFT JOIN entries p ON p.id = c.matures_entry_id WHERE p.id IS NULL AND c.matures_entry_id IS NOT NULL
    UNION ALL SELECT 'transfers', c.id, 'entries' FROM transfers c
    LEFT JOIN entries p ON p.id = c.entry_id WHERE p.id IS NULL
    UNION ALL SELECT 'transfers', c.id, 'accounts' FROM transfers c
    LEFT JOIN accounts p ON p.name = c.debit WHERE p.name IS NULL
    UNION ALL SELECT 'transfers', c.id, 'accounts' FROM transfers c
    LEFT JOIN accounts p ON p.name = c.credit WHERE p.name IS NULL
    UNION ALL SELECT 'seals', c.entry_id, 'entries' FROM seals c
    LEFT JOIN entries p ON p.id = c.entry_id WHERE p.id IS NULL
    UNION ALL SELECT 'maturing', c.entry_id, 'entries' FROM maturing c
    LEFT JOIN entries p ON p.id = c.entry_id WHERE p.id IS NULL
    UNION ALL SELECT 'maturing', c.entry_id, 'members' FROM maturing c
    LEFT JOIN members p ON p.id = c.member_id WHERE p.id IS NULL
    UNION ALL SELECT 'maturing', c.entry_id, 'entries' FROM maturing c
    LEFT JOIN entries p ON p.id = c.matured_entry_id WHERE p.id IS NULL AND c.matured_entry_id IS NOT NULL
    UNION ALL SELECT 'open_jobs', NULL, 'categories' FROM open_jobs c
    LEFT JOIN categories p ON p.id = c.category_id WHERE p.id IS NULL
    UNION ALL SELECT 'employer_figures', c.employer_id, 'members' FROM employer_figures c
    LEFT JOIN members p ON p.id = c.employer_id WHERE p.id IS NULL
    UNION ALL SELECT 'approve_orders', c.id, 'jobs' FROM approve_orders c
    LEFT JOIN jobs p ON p.id = c.job_id WHERE p.id IS NULL
    UNION ALL SELECT 'approve_orders', c.id, 'members' FROM approve_orders c
    LEFT JOIN members p ON p.id = c.employer_id WHERE p.id IS NULL
    UNION ALL SELECT 'alert_rounds', c.job_id, 'jobs' FROM alert_rounds c
    LEFT JOIN jobs p ON p.id = c.job_id WHERE p.id IS NULL
)
SELECT child AS subject, 'row ' || coalesce(CAST(row_id AS text), '?') || ' points to a missing row of ' || parent AS detail
FROM orphan;
