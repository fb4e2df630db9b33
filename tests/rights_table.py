"""Who may change what, written by hand: one row for each button, command and question, and nothing computed.

    Row("rv.ok:{proof}:{proof_version}", "place", {"employer": "pending pending_again"}, "submissions assignments")

reads: this press, towards a place in any of its statuses, changes something only for the employer and only in those
two statuses, and then only rows of those tables. A role or a status that is not named changes nothing at all.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from storage.vault import Vault
from tests.rights_world import KEY, PEOPLE, Thing

Draft = dict[str, Any]
Standing = tuple[str, str, Callable[[Thing, int], Draft]]
VAULT = Vault.of(KEY)

EVERYBODY = tuple(PEOPLE)
ACTIVE = ("worker", "other_worker", "employer", "other_employer", "operator", "stranger")
SIGNED_UP = tuple(role for role in ACTIVE if role != "stranger")
EARNERS = ("worker", "other_worker", "paused", "banned")
LIVE = "reserved pending pending_again sent_back sent_back_late"
MONEY = "withdrawals accounts entries transfers seals"


def each(roles: tuple[str, ...], stages: str = "-") -> dict[str, str]:
    """Give the same statuses to several roles."""
    return dict.fromkeys(roles, stages)


# -- where somebody may stand in a conversation, with a draft about the thing --------------------------------------


def _deciding(fix: bool, reason: str | None) -> Callable[[Thing, int], Draft]:
    def draft(thing: Thing, member_id: int) -> Draft:
        about = {"submission_id": thing["proof"], "version": thing["proof_version"], "page": 0}
        return {**about, "fix": fix, "reason": reason}

    return draft


def _proving(thing: Thing, member_id: int) -> Draft:
    picture = {"kind": "photo", "file_id": "w", "file_unique_id": "waiting", "size": 9, "width": 800, "height": 900}
    return {
        "assignment_id": thing["place"],
        "job_id": thing["job"],
        "words": {str(thing["job"]): {"1": "blue"}},
        "waiting": [{"picture": picture}],
    }


def _writing(thing: Thing, member_id: int) -> Draft:
    return {**_proving(thing, member_id), "step": 1}


def _job(thing: Thing, member_id: int) -> Draft:
    return {
        "token": f"token{member_id}",
        "revision": 1,
        "category_id": "surveys",
        "title": "A survey",
        "steps": [{"lines": ["Answer"]}],
        "steps_done": True,
        "proofs": [{"kind": "photo", "count": 1, "text": "The end"}],
        "proofs_done": True,
        "reward": 5000,
        "places": 2,
        "adding": {"kind": "photo", "count": 1},
    }


_DESTINATION = VAULT.encrypt("me@example.com")
MARK = zlib.crc32(f"paypal:{_DESTINATION}:100000:0".encode())


def _leaving(thing: Thing, member_id: int) -> Draft:
    return {"way": "paypal", "destination": _DESTINATION, "masked": "m@example.com", "amount": 100_000, "fee": 0}


def _nothing(thing: Thing, member_id: int) -> Draft:
    return {}


def _refusing(thing: Thing, member_id: int) -> Draft:
    out = thing.kind == "withdrawal"
    return {"is_withdrawal": out, "number": thing[thing.kind], "version": thing[f"{thing.kind}_version"]}


REASON: Standing = ("reject", "reason", _deciding(fix=False, reason=None))
NOTE: Standing = ("reject", "note", _deciding(fix=False, reason="wrong_page"))
FIX_NOTE: Standing = ("reject", "note", _deciding(fix=True, reason="unreadable"))
CHOOSE: Standing = ("proof", "choose", _proving)
PHOTOS: Standing = ("proof", "photos", _proving)
TEXT: Standing = ("proof", "text", _writing)
CHECK: Standing = ("proof", "preview", _proving)
CONFIRM: Standing = ("withdraw", "confirm", _leaving)
REFERENCE: Standing = ("deposit", "reference", lambda thing, member_id: {"amount": 50_000})
COUNTRY: Standing = ("signup", "country", lambda thing, member_id: {"job_id": thing["job"], "country": "PK"})
TERMS: Standing = ("signup", "terms", lambda thing, member_id: {"job_id": thing["job"], "country": "PK"})
ZONE: Standing = ("time_zone", "zone", _nothing)
MINIMUM: Standing = ("alert_minimum", "amount", _nothing)
SENT: Standing = (
    "mark_sent",
    "reference",
    lambda thing, member_id: {"withdrawal_id": thing["withdrawal"], "version": thing["withdrawal_version"]},
)
REFUSE: Standing = ("refuse_money", "reason", _refusing)
STOPPED = "INSERT INTO flags VALUES ('payouts_frozen', 'a test', 1)"


def newjob(state: str) -> Standing:
    """Stand at a question of the publishing wizard with everything answered."""
    return "newjob", state, _job


def withdraw(state: str) -> Standing:
    """Stand at a question of the withdrawal with everything answered."""
    return "withdraw", state, _leaving


@dataclass(frozen=True)
class Row:
    """One thing a person can do: `do` is button data, a "/command", or what is sent at the question `at`."""

    do: str
    of: str = "self"
    may: Mapping[str, str] = field(default_factory=dict)
    touches: str = ""
    at: Standing | None = None
    content: str | None = None  # "text" or "photo" when something is sent
    first: str = ""  # a statement that makes the situation special
    logs: bool = False  # done again it changes nothing but is noted in the audit log

    @property
    def name(self) -> str:
        """Give what the registry calls it: a prefix, a command, or conversation/state."""
        if self.content is not None:
            return f"{self.at[0]}/{self.at[1]}" if self.at else "out of the blue"
        return self.do.split(":")[0]


def _tap(*rows: str, of: str = "self", at: Standing | None = None) -> list[Row]:
    """Give rows of buttons that change nothing for anybody."""
    return [Row(do, of, at=at) for do in rows]


def _ask(text: str, *places: Standing, of: str = "self") -> list[Row]:
    """Give rows of questions whose answer stays in the draft."""
    return [Row(text, of, at=at, content="text") for at in places]


TABLE: list[Row] = [
    # -- looking ------------------------------------------------------------------------------------------------
    *_tap("go.home", "go.jobs", "go.work", "go.money", "go.review", "go.mine", "go.new", "go.alerts", "go.set"),
    *_tap("go.help", "go.admin", "nav.back", "nav.cancel", "me.lang", "me.zone", "me.paper:terms:0"),
    *_tap("al.type", "al.cats", "wk.page:0", "mj.page:999999", "wa.out", "wa.dep:50000", "wa.st:available:999999"),
    *_tap("br.l:surveys:newest:", "rv.list:0"),
    *_tap("go.job:{job}", "br.j:{job}:surveys:newest:", "al.job:{job}", "mj.desk:{job}", of="job"),
    *_tap("mj.close:{job}", "mj.again:{job}", "rv.all:{job}", of="job"),
    *_tap(
        "wk.card:{place}", "wk.back:{place}", "pf.send:{place}", "rv.look:{proof}:0", "rv.text:{proof}:0", of="place"
    ),
    *_tap(
        "rv.first:{proof}",
        "rv.skip:{proof}",
        "rv.no:{proof}:{proof_version}:0",
        "rv.fix:{proof}:{proof_version}:0",
        of="place",
    ),
    *[Row(f"/{name}", may=each(EVERYBODY) if name == "start" else {}, touches="members") for name in ("start", "jobs")],
    *[Row(f"/{name}") for name in ("mywork", "balance", "review", "myjobs", "newjob", "alerts", "settings", "help")],
    *[Row(f"/{name}") for name in ("admin", "language", "terms", "privacy", "paysupport", "cancel", "withdraw")],
    Row("/deposit"),
    # -- one's own settings -------------------------------------------------------------------------------------
    Row("br.s:surveys:h", may=each(EVERYBODY), touches="members"),
    Row("me.sayin:es", may=each(EVERYBODY), touches="members"),
    Row("me.quiet:1", may=each(EVERYBODY), touches="members"),
    Row("me.clock:Asia/Karachi", may=each(EVERYBODY), touches="members", at=ZONE),
    Row("Lima", may=each(EVERYBODY), touches="members", at=ZONE, content="text"),
    Row("al.on:1", may=each(EVERYBODY), touches="subscriptions"),
    Row("al.min:5000", may=each(EVERYBODY), touches="subscriptions"),
    Row("2.50", may=each(EVERYBODY), touches="subscriptions", at=MINIMUM, content="text"),
    Row("al.cat:surveys:1", may=each(EVERYBODY), touches="subscriptions"),
    Row("al.all", may=each(EVERYBODY), touches="subscriptions"),
    Row("al.mute:1", may=each(EVERYBODY), touches="subscriptions"),
    Row("al.stop", may=each(EVERYBODY), touches="subscriptions"),
    # -- working ------------------------------------------------------------------------------------------------
    Row(
        "wk.apply:{job}",
        "job",
        each(("worker", "other_worker", "other_employer", "operator", "stranger"), "open"),
        "assignments lots jobs",
    ),
    *_tap("su.land:DE", of="job", at=COUNTRY),
    *_ask("Germany", COUNTRY, of="job"),
    Row("su.yes", "job", {"stranger": "open paused filled closed"}, "members", at=TERMS),
    Row("wk.more:{place}:{place_version}", "place", {"worker": "reserved"}, "assignments"),
    Row(
        "wk.give:{place}:{place_version}",
        "place",
        {"worker": "reserved sent_back sent_back_late"},
        "assignments lots jobs",
    ),
    Row("pf.sub:{place}", "place", {"worker": LIVE}, "assignments submissions proofs", at=CHECK),
    *_tap("pf.done:{place}:0", of="place", at=PHOTOS),
    Row("pf.last:{place}:0", "place", {"worker": LIVE}, "proofs", at=PHOTOS),
    Row("pf.over:{place}:0", "place", {"worker": LIVE}, "proofs", at=PHOTOS),
    *_tap("pf.keep:{place}:1", of="place", at=TEXT),
    *_tap("pf.look:{place}:0", "pf.edit:{place}:1", of="place", at=CHECK),
    Row("pf.for:{place}", "place", {"worker": LIVE}, "proofs", at=CHOOSE),
    Row("fresh", "place", {"worker": f"{LIVE} expired"}, "proofs", at=PHOTOS, content="photo"),
    Row("fresh", "place", {"worker": "reserved sent_back sent_back_late"}, "proofs", content="photo"),
    *[Row("fresh", "place", at=at, content="photo") for at in (CHOOSE, TEXT, CHECK)],
    *_ask("green", PHOTOS, CHOOSE, TEXT, CHECK, of="place"),
    # -- reviewing ----------------------------------------------------------------------------------------------
    Row("rv.ok:{proof}:{proof_version}", "place", {"employer": "pending pending_again"}, "submissions assignments"),
    Row(
        "rv.undo:{proof}:{proof_version}",
        "place",
        {"employer": "approved rejected sent_back"},
        "submissions assignments",
    ),
    Row("rv.change:{proof}:{proof_version}", "place", {"employer": "rejected frozen"}, "submissions assignments"),
    *_tap("rv.why:wrong_page", of="place", at=REASON),
    Row("rv.nonote", "place", {"employer": "pending pending_again"}, "submissions assignments", at=NOTE),
    Row("rv.nonote", "place", {"employer": "pending"}, "submissions assignments", at=FIX_NOTE),
    Row("Look", "place", {"employer": "pending pending_again"}, "submissions assignments", at=NOTE, content="text"),
    Row("Look", "place", {"employer": "pending"}, "submissions assignments", at=FIX_NOTE, content="text"),
    Row("rv.allok:{job}:{proof}:{count}", "order", {"employer": "none cancelled"}, "approve_orders"),
    Row("rv.allundo:{order}", "order", {"employer": "open"}, "approve_orders"),
    # -- publishing ---------------------------------------------------------------------------------------------
    Row("mj.pause:{job}:{job_version}", "job", {"employer": "open"}, "jobs"),
    Row("mj.go:{job}:{job_version}", "job", {"employer": "paused"}, "jobs"),
    Row(
        "mj.shut:{job}:{job_version}:{free}",
        "job",
        {"employer": "open paused filled"},
        "jobs lots accounts entries transfers seals",
    ),
    Row(
        "pb.go:{token}:1:0",
        may=each(SIGNED_UP),
        touches="jobs lots accounts entries transfers seals",
        at=newjob("preview"),
    ),
    *_tap("pb.cont", "pb.anew", at=newjob("resume")),
    *_tap("pb.cat:surveys", at=newjob("category")),
    *_tap("pb.keep", at=newjob("title")),
    *_tap("pb.sdrop:1", "pb.sdone", at=newjob("steps")),
    *_tap("pb.add:photo", "pb.pdrop:1", "pb.pdone", at=newjob("proofs")),
    *_tap("pb.photos:2", at=newjob("photo_count")),
    *_tap("pb.edit:title", "pb.del", at=newjob("preview")),
    *_tap("pb.min:5", at=newjob("minutes")),
    *_tap("pb.time:30", at=newjob("time_limit")),
    *_tap("pb.days:3", at=newjob("review_days")),
    *_tap("pb.gone", at=newjob("delete")),
    *_ask("7", *map(newjob, ("title", "steps", "photo_count", "proof_text", "reward", "places", "minutes"))),
    # -- money --------------------------------------------------------------------------------------------------
    *_tap("wa.way:paypal", at=withdraw("way")),
    *_tap("wa.num", at=withdraw("destination")),
    *_tap("wa.amt:100000", at=withdraw("amount")),
    *_tap("wa.go", "wa.new", at=withdraw("resume")),
    *_tap("wa.dgo", "wa.dnew", at=("deposit", "resume", REFERENCE[2])),
    *_ask("me@example.com", withdraw("destination"), withdraw("share")),
    *_ask("10", withdraw("amount"), ("deposit", "amount", REFERENCE[2])),
    Row(f"wa.yes:{MARK}", may=each(EARNERS), touches=MONEY, at=CONFIRM),
    Row("wa.undo:{withdrawal}:{withdrawal_version}", "withdrawal", {"worker": "requested waiting"}, MONEY),
    Row("BANK 77", may=each(ACTIVE), touches="deposits", at=REFERENCE, content="text"),
    # -- the operator's desk ------------------------------------------------------------------------------------
    *_tap("ad.outs:0", "ad.ins:0", "ad.book", "ad.ask"),
    *_tap("ad.out:{withdrawal}", of="withdrawal"),
    Row(
        "ad.take:{withdrawal}:{withdrawal_version}",
        "withdrawal",
        {"operator": "requested"},
        "withdrawals audit_log",
    ),
    Row("ad.take:{withdrawal}:{withdrawal_version}", "withdrawal", first=STOPPED),
    *_tap("ad.sent:{withdrawal}:{withdrawal_version}", "ad.no:w:{withdrawal}:{withdrawal_version}", of="withdrawal"),
    Row("PP-77", "withdrawal", {"operator": "approved"}, f"{MONEY} audit_log", at=SENT, content="text"),
    *_tap("ad.in:{deposit}", "ad.no:d:{deposit}:{deposit_version}", of="deposit"),
    Row(
        "ad.yes:{deposit}:{deposit_version}",
        "deposit",
        {"operator": "claimed"},
        "deposits accounts entries transfers seals audit_log",
    ),
    Row("ad.why:not_arrived", "deposit", {"operator": "claimed"}, "deposits audit_log", at=REFUSE),
    Row(
        "ad.why:wrong_destination",
        "withdrawal",
        {"operator": "requested waiting approved"},
        f"{MONEY} audit_log",
        at=REFUSE,
    ),
    Row("No", "deposit", {"operator": "claimed"}, "deposits audit_log", at=REFUSE, content="text"),
    Row(
        "No", "withdrawal", {"operator": "requested waiting approved"}, f"{MONEY} audit_log", at=REFUSE, content="text"
    ),
    Row("ad.stop", may={"operator": "-"}, touches="flags audit_log", logs=True),
    Row("ad.run"),
    Row("ad.run", may={"operator": "-"}, touches="flags audit_log", first=STOPPED),
    Row("ad.check", may={"operator": "-"}, touches="flags audit_log"),
]
