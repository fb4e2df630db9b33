"""What each engine's own catalogue says of the schema, as facts with names: `column jobs.fee` is `INTEGER NOT NULL`.

PostgreSQL reads the expressions of both engines (row rules, indexes, views, the WHEN of a trigger) and tells them its
own way, so that equal facts are expressions of one meaning, however they are spaced, bracketed and spelled.
"""

import re
import sqlite3
from collections.abc import Iterator

import asyncpg

Facts = dict[str, str]

SEEDED = ("categories", "entry_moves", "flags", "open_jobs")
#: Each engine's own way to say the same; one that is needed no more fails the test.
SAID_OTHERWISE = {
    "(json_extract(payload, '$.entry_id'))": "(((payload::json ->> 'entry_id')::bigint))",
    "WHERE json_extract(payload, '$.entry_id') IS NOT NULL": "WHERE (payload::json ->> 'entry_id')::bigint IS NOT NULL",
    "((submitted_at + review_by_at) / 2)": "(((submitted_at + review_by_at) / 2))",
    "((submitted_at + 4 * review_by_at) / 5)": "(((submitted_at + 4 * review_by_at) / 5))",
    "overdraft_ok = (kind = 'external')": "overdraft_ok = CASE WHEN kind = 'external' THEN 1 ELSE 0 END",
    "IN (VALUES": "IN (",
    "NEW.entry_id IS NOT OLD.entry_id": "NEW.entry_id IS DISTINCT FROM OLD.entry_id",
    "NEW.reference IS NOT OLD.reference": "NEW.reference IS DISTINCT FROM OLD.reference",
    "NEW.destination IS NOT OLD.destination": "NEW.destination IS DISTINCT FROM OLD.destination",
}
TRIGGER = re.compile(
    r"CREATE TRIGGER \w+ (?P<time>BEFORE|AFTER) (?P<event>INSERT|DELETE|UPDATE)(?: OF (?P<columns>[\w, ]+))? ON \w+\s+"
    r"(?:WHEN\s+(?P<when>.+?)\s+)?BEGIN\s",
    re.DOTALL,
)
REFUSES = re.compile(r"RAISE\(ABORT, '([^']+)'\)")
RAISES = re.compile(r"RAISE EXCEPTION '([^']+)'\s+USING ERRCODE = 'integrity_constraint_violation'")
ROW, BEFORE, EVENTS = 1, 2, {4: "INSERT", 8: "DELETE", 16: "UPDATE", 32: "TRUNCATE"}

TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
COLUMNS = """
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, o.collname AS collation,
       a.attnotnull AS fixed, a.attidentity <> '' AS numbered, CAST(a.attgenerated AS text) AS made,
       pg_get_expr(d.adbin, d.adrelid, true) AS value
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation o ON o.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_migrations'
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
CONSTRAINTS = """
SELECT c.relname AS table, CAST(k.contype AS text) AS kind, k.convalidated AS valid, k.condeferrable AS deferrable,
       k.condeferred AS deferred, concat(k.confupdtype, k.confdeltype) AS actions, p.relname AS parent,
       pg_get_constraintdef(k.oid, true) AS said,
       ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place) AS columns,
       ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place) AS parents
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class p ON p.oid = k.confrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname <> 'schema_migrations'
  AND k.contype IN ('c', 'f', 'p', 'u', 'x')
"""
INDEXES = """
SELECT x.relname AS name, pg_get_indexdef(x.oid, 0, true) AS said, i.indisvalid AS valid
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
WHERE x.relnamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
"""
TRIGGERS = """
SELECT t.tgname AS name, c.relname AS table, t.tgtype AS type, CAST(t.tgenabled AS text) AS enabled, p.prosrc AS body,
       p.proname AS function, pg_get_triggerdef(t.oid, true) AS said,
       ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (t.tgattr)) AS columns
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
"""
VIEWS = """
SELECT v.relname AS name, pg_get_viewdef(v.oid, true) AS said FROM pg_class v
WHERE v.relnamespace = current_schema()::regnamespace AND v.relkind = 'v'
"""


async def postgres_facts(connection: asyncpg.Connection) -> Facts:
    """Give the facts of a database on PostgreSQL."""
    facts: Facts = {}
    for row in await connection.fetch(COLUMNS):
        table = f"table {row['table']}"
        facts[table] = f"{facts[table]}, {row['name']}" if table in facts else row["name"]
        kind = {("bigint", None): "INTEGER", ("text", "C"): "TEXT"}.get((row["type"], row["collation"]))
        value = None if row["value"] is None else re.sub(r"::(text|bigint)\b", "", row["value"])
        facts[f"column {row['table']}.{row['name']}"] = _column(
            kind or f"{row['type']} in the order of {row['collation']}",
            fixed=row["fixed"],
            numbered=row["numbered"],
            made=value if row["made"] else None,
            default=None if row["made"] else value,
        )
    for row in await connection.fetch(CONSTRAINTS):
        columns, valid = ", ".join(row["columns"]), "" if row["valid"] else ", but not checked"
        if row["kind"] == "f":
            facts[f"foreign key {row['table']} ({columns})"] = _reference(
                row["parent"],
                ", ".join(row["parents"]),
                deferred=row["deferrable"] and row["deferred"],
                acts=row["actions"] != "aa" or bool(valid),
            )
        elif row["kind"] == "p":
            facts[f"primary key {row['table']}"] = columns
        else:
            facts[f"rule of {row['table']}: {row['said']}"] = "holds" + valid
    for row in await connection.fetch(INDEXES):
        facts[f"index {row['name']}"] = row["said"] if row["valid"] else "not valid"
    for row in await connection.fetch(VIEWS):
        facts[f"view {row['name']}"] = row["said"]
    for row in await connection.fetch(TRIGGERS):
        facts.update(_postgres_trigger(row))
    for table in SEEDED:
        for values in await connection.fetch(f"SELECT * FROM {table}"):  # noqa: S608 - a table of ours
            facts[f"row of {table}: {tuple(values)}"] = "there"
    return facts


async def sqlite_facts(file: sqlite3.Connection, reader: asyncpg.Connection) -> Facts:
    """Give the facts of a database on SQLite; PostgreSQL reads its expressions, in a database of ours."""
    facts: Facts = {}
    change = reader.transaction()
    await change.start()
    try:
        for table, sql in file.execute(TABLES).fetchall():
            facts.update(_table(file, table, sql))
            for rule in _rules(sql):
                await reader.execute(f"ALTER TABLE {table} ADD CONSTRAINT read_rule CHECK ({_translated(rule)})")
                said = await _read(reader, "pg_constraint", "conname", "read_rule", "pg_get_constraintdef(oid, true)")
                facts[f"rule of {table}: {said}"] = "holds"
                await reader.execute(f"ALTER TABLE {table} DROP CONSTRAINT read_rule")
        for kind, name, table, sql in file.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'table'"
        ).fetchall():
            if kind == "index":
                await reader.execute(f"DROP INDEX IF EXISTS {name}; {_translated(sql)}")
                said = await _read(reader, "pg_class", "relname", name, "pg_get_indexdef(oid, 0, true)")
                facts[f"index {name}"] = said
            elif kind == "view":
                await reader.execute(f"DROP VIEW IF EXISTS {name}; {_translated(sql)}")
                facts[f"view {name}"] = await _read(reader, "pg_class", "relname", name, "pg_get_viewdef(oid, true)")
            else:
                facts.update(await _sqlite_trigger(reader, name, table, plain(sql)))
    finally:
        await change.rollback()
    for table in SEEDED:
        for values in file.execute(f"SELECT * FROM {table}"):  # noqa: S608 - a table of ours
            facts[f"row of {table}: {values}"] = "there"
    return facts


def _table(file: sqlite3.Connection, table: str, sql: str) -> Iterator[tuple[str, str]]:
    columns = file.execute(f"PRAGMA table_xinfo({table})").fetchall()
    key = {place: name for _, name, _, _, _, place, _ in columns if place}
    yield f"table {table}", ", ".join(name for _, name, *_ in columns)
    yield f"primary key {table}", ", ".join(key[place] for place in sorted(key))
    for _, name, kind, fixed, default, place, hidden in columns:
        made = re.search(rf"\b{name}\s+{kind}\s+GENERATED ALWAYS AS \(([^)]+)\)", sql) if hidden else None
        yield (
            f"column {table}.{name}",
            _column(
                kind,
                fixed=bool(fixed or place),
                numbered=name == "id" and kind == "INTEGER" and len(key) == 1 and place == 1,
                made=made and made[1],
                default=default,
            ),
        )
    for _, index, is_unique, origin, _ in file.execute(f"PRAGMA index_list({table})").fetchall():
        if is_unique and origin == "u":
            names = ", ".join(row[2] for row in file.execute(f"PRAGMA index_info({index})").fetchall())
            yield f"rule of {table}: UNIQUE ({names})", "holds"
    references: dict[int, list[tuple[str, str, str, str]]] = {}
    for number, _, parent, column, parent_column, *actions, _ in file.execute(f"PRAGMA foreign_key_list({table})"):
        references.setdefault(number, []).append((column, parent, parent_column, " ".join(actions)))
    for pairs in references.values():
        parent, parents = pairs[0][1], ", ".join(pair[2] for pair in pairs)
        own = ", ".join(pair[0] for pair in pairs)
        late = rf"FOREIGN KEY \({own}\) REFERENCES {parent} \({parents}\) DEFERRABLE INITIALLY DEFERRED"
        yield (
            f"foreign key {table} ({own})",
            _reference(parent, parents, deferred=bool(re.search(late, sql)), acts=pairs[0][3] != "NO ACTION NO ACTION"),
        )


def _column(kind: str, *, fixed: bool, numbered: bool, made: str | None, default: str | None) -> str:
    parts = [kind, "NOT NULL" if fixed else "", "numbered" if numbered else ""]
    parts += [f"made of {made}" if made else "", f"DEFAULT {default}" if default else ""]
    return " ".join(part for part in parts if part)


def _reference(parent: str, columns: str, *, deferred: bool, acts: bool) -> str:
    return f"{parent} ({columns})" + (" deferred" if deferred else "") + (" otherwise" if acts else "")


def plain(sql: str) -> str:
    """Give statements without their comments."""
    return "\n".join(line.partition("--")[0] for line in sql.splitlines())


def _translated(sql: str) -> str:
    for ours, theirs in SAID_OTHERWISE.items():
        sql = sql.replace(ours, theirs)
    return plain(sql)


def _rules(sql: str) -> Iterator[str]:
    """Give the expression of each CHECK of a table."""
    sql = plain(sql)
    for found in re.finditer(r"CHECK \(", sql):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        yield sql[found.end() : end - 1]


async def _read(reader: asyncpg.Connection, catalogue: str, column: str, name: str, what: str) -> str:
    return str(await reader.fetchval(f"SELECT {what} FROM {catalogue} WHERE {column} = $1", name))  # noqa: S608 - ours


async def _sqlite_trigger(reader: asyncpg.Connection, name: str, table: str, sql: str) -> Facts:
    found = TRIGGER.match(sql)
    assert found, sql
    columns = sorted((found["columns"] or "").replace(" ", "").split(",")) if found["columns"] else []
    refuses = REFUSES.search(sql)
    when = found["when"]
    if when and "SELECT" not in when:
        head = f"{found['time']} {found['event']} ON {table} FOR EACH ROW"
        await reader.execute(
            f"CREATE FUNCTION read_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            f"CREATE TRIGGER read_trigger {head} WHEN ({_translated(when)}) EXECUTE FUNCTION read_trigger()"
        )
        said = await _read(reader, "pg_trigger", "tgname", "read_trigger", "pg_get_triggerdef(oid, true)")
        await reader.execute("DROP FUNCTION read_trigger CASCADE")
        when = _when(said)
    elif when:
        when = "what the tables say"
    return {
        f"trigger {name}": _trigger(found["time"], [found["event"]], columns, table),
        f"trigger {name} goes off": when or "always",
        f"trigger {name} says": refuses[1] if refuses else "",
    }


def _postgres_trigger(row: asyncpg.Record) -> Facts:
    raises = RAISES.search(row["body"])
    looks = re.search(r"\bIF\b", row["body"]) is not None
    own = row["function"] if row["enabled"] == "O" else f"{row['function']} is switched off"
    events = [event for bit, event in EVENTS.items() if row["type"] & bit]
    told = _trigger("BEFORE" if row["type"] & BEFORE else "AFTER", events, sorted(row["columns"]), row["table"])
    facts = {
        f"trigger {row['name']}": told + ("" if row["type"] & ROW else " once a statement"),
        f"trigger {row['name']} goes off": "what the tables say" if looks else _when(row["said"]),
        f"trigger {row['name']} says": raises[1] if raises else "",
    }
    if own != row["name"]:
        facts[f"trigger {row['name']} calls"] = own
    return facts


def _trigger(time: str, events: list[str], columns: list[str], table: str) -> str:
    return f"{time} {' OR '.join(events)}" + (f" OF {', '.join(columns)}" if columns else "") + f" ON {table}"


def _when(said: str) -> str:
    found = re.search(r" WHEN \((.*)\) EXECUTE FUNCTION", said, re.DOTALL)
    return found[1] if found else "always"
