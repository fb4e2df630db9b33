"""One story of a marketplace, told on any engine: the same steps, so the same rows in every table.

It goes through the services wherever there is one, and leaves something in every state that a query asks for.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from bot.domain.assignment import Submission
from bot.domain.dialog import Dialog
from bot.domain.house import House
from bot.domain.job import ProofKind, Requirement
from bot.domain.member import Member
from bot.domain.proof import Examined, Unreadable
from bot.domain.publish import JobSpec
from bot.domain.review import Reason, Verdict
from bot.domain.wallet import Way
from bot.services import alerts, deposit, myjobs, proof, publish, review, review_queue, wallet, work
from storage import audit, desk, dialogs, inbox, ledger, members, outbox, pins, submissions
from storage.unit import To
from storage.vault import Vault
from tests.browse_world import BrowseWorld
from tests.ledger_world import VAULT
from tests.work_world import PHOTO, TEXT, TWO_PHOTOS, WorkWorld

HOUSE = House(reward_hold=timedelta(hours=24))
AT_ONCE = House()
BOT = 77
NAMES = ("Zoe", "zoë", "Ärger", "anna", "Anna", "Émile", "_", "😀", "Łucja", "ali")


class OpenVault(Vault):
    """A vault whose secrets are the same on every run."""

    def encrypt(self, text: str) -> str:
        """Give the text marked as sealed."""
        return f"sealed:{text}"


@dataclass(slots=True)
class Story(WorkWorld):
    """The world the story happens in."""

    async def tell(self) -> None:
        """Let everything happen."""
        operator, people = await self._people()
        await self._money_in(operator, people)
        published = await self._jobs(people[0])
        await self._browsing(people)
        await self._alerts(people[4:], published)
        await self._work(people)
        await self._reviews(people)
        await self._orders(people)
        await self._money_out(operator, people)
        await self._spine(people)
        await self._messages(people)
        await self.apply(await self.person(signed_up=False), await self.open_job())
        async with self.unit() as uow:
            await audit.save_checkpoint(uow.tx, audit.Checkpoint(3, "f" * 64), at=self.now)
            assert await audit.is_failure_new(uow.tx, "abc", at=self.now)

    # -- people and jobs -----------------------------------------------------------------------------------------

    async def _people(self) -> tuple[Member, list[Member]]:
        async with self.unit() as uow:
            await ledger.set_currency(uow.tx, "EUR", at=self.now)
            added = [
                await members.insert_member(
                    uow.tx, telegram_user_id=500 + n, first_name=name, language="en", role="member", at=self.now
                )
                for n, name in enumerate(NAMES)
            ]
            await members.set_operators(uow.tx, [501, 509])
            await members.set_operators(uow.tx, [509])
            await members.set_language(uow.tx, added[2].id, "es")
            await members.set_time_zone(uow.tx, added[2].id, "Asia/Karachi")
            await members.save_settings(uow.tx, added[2].id, {"quiet": True})
            await members.mark_seen(uow.tx, added[3].id, first_name="Anna B", at=self.now + timedelta(minutes=1))
            await members.set_reachable(uow.tx, added[4].id, reachable=False)
            for member in added[:9]:
                await members.sign_up(uow.tx, member.id, country="PK", at=self.now)
        found = [await self._again(member) for member in added]
        return found[9], found[:9]

    async def _again(self, member: Member) -> Member:
        async with self.database.read() as tx:
            return await members.get_member(tx, member.id)

    async def _money_in(self, operator: Member, people: list[Member]) -> None:
        for n, member in enumerate(people[:4]):
            async with self.unit() as uow:
                claimed = await deposit.claim_deposit(
                    uow, member_id=member.id, amount=3_000_000 + n, reference=f"Wire-{n}"
                )
            self.later(minutes=5)
            if n == 3:
                async with self.unit() as uow:
                    await deposit.claim_deposit(uow, member_id=member.id, amount=70_000, reference="wire-9")
                    await deposit.refuse_deposit(uow, deposit_id=claimed.id, version=1, by=operator.id)
                    await desk.insert_audit(
                        uow.tx, member_id=operator.id, action="refused", subject="deposit:4", at=self.now
                    )
            else:
                async with self.unit() as uow:
                    await deposit.confirm_deposit(uow, deposit_id=claimed.id, version=1, by=operator.id)

    async def _jobs(self, employer: Member) -> list[int]:
        ids = []
        wanted = (Requirement(ProofKind.PHOTO, "The last page", 1), Requirement(ProofKind.TEXT, "The code", 1))
        for n in range(5):
            spec = JobSpec("surveys", f"Survey {n}", ("Read", "Answer"), wanted, 12_000 + n, 3, 5 + n, 15, 3)
            async with self.unit() as uow:
                job = await publish.publish(uow, member=employer, draft=spec, house=HOUSE, key=f"Token-{n}")
            ids.append(job.id)
            self.later(minutes=7)
        async with self.unit() as uow:
            await myjobs.pause(uow, member=employer, job_id=ids[1], version=1)
            await myjobs.pause(uow, member=employer, job_id=ids[2], version=1)
            await myjobs.resume(uow, member=employer, job_id=ids[2], version=2)
            await myjobs.close(uow, member=employer, job_id=ids[3], version=1, free=3)
        return ids

    async def _browsing(self, people: list[Member]) -> None:
        """Offer jobs of equal and of different pay and date, some taken, some not to be taken."""
        shop = BrowseWorld(self.database, self.now, self.numbers)
        for n in range(24):
            job_id = await shop.offer(
                people[n % 3],
                category=("surveys", "writing", "likes", "research")[n % 4],
                title=NAMES[n % len(NAMES)],
                reward=(900, 12_000, 12_000, 25_000, 7_000)[n % 5],
                minutes=1 + n % 7,
                slots=1 + n % 3,
                per_member=1 + n % 2,
                status="paused" if n == 11 else "open",
                published_at=self.now - timedelta(minutes=n // 2),
            )
            if n % 3 == 0:
                status = ("reserved", "submitted", "approved", "returned", "expired")[n // 3 % 5]
                await shop.place(job_id, people[5 + n % 4], status)

    # -- work ----------------------------------------------------------------------------------------------------

    async def _work(self, people: list[Member]) -> None:
        worker, other, third = people[5:8]
        job = await self.open_job(requirements=[PHOTO, TEXT], slots=4)
        first = await self.apply(worker, job)
        await self.add_picture(worker, first.id, "Cat")
        async with self.unit() as uow:
            first = await work.extend(uow, member=worker, assignment_id=first.id, version=first.version, house=HOUSE)
        await self.give_back(worker, first)
        again = await self.apply(worker, job)  # the picture comes along
        await self.submit(worker, again.id, {1: "blue"})
        copied = await self.apply(other, job)
        await self.add_picture(other, copied.id, "Cat")
        await self.submit(other, copied.id, {1: "Blue"})
        await self._pictures(third)
        stranger = await self.person(signed_up=False)
        await self.apply(stranger, job)
        self.later(minutes=1)
        for member in (people[8], third):
            await self.apply(member, await self.open_job(slots=1))
        self.later(minutes=13)
        await self.warn()
        self.later(minutes=2)
        await self.expire()
        await self.apply(people[8], await self.open_job(slots=2))
        self.later(minutes=2)

    async def _pictures(self, worker: Member) -> None:
        job = await self.open_job(requirements=[TWO_PHOTOS], per_member=2)
        place = await self.apply(worker, job)
        for unique in ("one", "two", "three"):
            await self.add_picture(worker, place.id, unique, size=4_000_000_000)
        async with self.unit() as uow:
            found = await work.get_place(uow, member=worker, assignment_id=place.id)
            await proof.remove_last(uow, place=found, requirement=0)
            await proof.start_over(uow, place=found, requirement=0)
        await self.add_picture(worker, place.id, "four")
        await self._examine("four", same="a" * 64)
        await self.add_picture(worker, place.id, "six", kind="document", mime_type="image/png")
        await self._examine("six", same="b" * 64)
        sent = await self.submit(worker, place.id)
        await self.ask_to_fix(sent)
        await self.add_picture(worker, place.id, "seven")
        await self._examine("seven", same="c" * 64)
        await self.add_picture(worker, place.id, "eight")
        async with self.unit() as uow:
            await proof.refuse_proof(uow, proof_id=await self._proof(uow.tx, "eight"), refusal=Unreadable.BROKEN)
            await submissions.drop_unreadable_drafts(uow.tx, assignment_id=place.id, requirement=0)
        await self.add_picture(worker, place.id, "nine")
        self.later(minutes=3)
        fixed = await self.submit(worker, place.id)
        async with self.unit() as uow:
            await submissions.replace_submission(
                uow.tx, fixed, answers=["new"], review_by_at=self.now + timedelta(days=2)
            )
            await uow.tx.run("carry_proofs", assignment_id=place.id, earlier_id=sent.id, submission_id=fixed.id, at=9)
        second = await self.apply(worker, await self.open_job(requirements=[PHOTO]))
        await self.add_picture(worker, second.id, "ten")
        async with self.unit() as uow:
            number = await self._proof(uow.tx, "ten")
            assert await proof.count_attempt(uow, proof_id=number, limit=3, otherwise=Unreadable.GONE) == 1

    async def _examine(self, unique: str, *, same: str) -> None:
        async with self.unit() as uow:
            number = await self._proof(uow.tx, unique)
            seen = Examined(PurePosixPath(f"a/{unique}.webp"), unique.ljust(64, "0"), same, 640, 480)
            assert await proof.store_proof(uow, proof_id=number, examined=seen)
            await submissions.set_shown_file_id(uow.tx, number, f"shown-{unique}")

    async def _proof(self, tx: Any, unique: str) -> int:
        rows = await tx.fetch("SELECT max(id) AS id FROM proofs WHERE file_unique_id = :unique", unique=unique)
        return int(rows[0]["id"])

    # -- review --------------------------------------------------------------------------------------------------

    async def _sent(self, worker: Member, job: int, unique: str) -> Submission:
        place = await self.apply(worker, job)
        return await self.send_proof(worker, place.id, unique)

    async def _employer(self, job: int) -> Member:
        async with self.database.read() as tx:
            rows = await tx.fetch("SELECT employer_id FROM jobs WHERE id = :id", id=job)
            return await members.get_member(tx, rows[0]["employer_id"])

    async def _reviews(self, people: list[Member]) -> None:
        job = await self.open_job(slots=9, per_member=9)
        by = await self._employer(job)
        sent = [await self._sent(people[n % 4 + 4], job, f"r{n}") for n in range(4)]
        async with self.unit() as uow:
            case = await review.approve(uow, submission_id=sent[0].id, version=1, by=by, house=HOUSE)
            await review.undo(uow, submission_id=sent[0].id, version=case.submission.version, by=by, house=HOUSE)
            for n, reason in ((1, Reason.WRONG_PAGE), (2, Reason.NONSENSE)):
                await review.reject(
                    uow, submission_id=sent[n].id, version=1, verdict=Verdict(reason), by=by, house=HOUSE
                )
            await review.change_to_approved(uow, submission_id=sent[2].id, version=2, by=by, house=HOUSE)
        await self.approve(sent[3])
        await self._tick(review.pay_approved, seconds=30, house=HOUSE)
        await self._tick(review.reopen_rejected, hours=49, house=HOUSE)
        late = [await self._sent(people[n + 5], job, f"s{n}") for n in range(3)]
        await self._tick(wallet.mature_rewards, hours=24)
        await self._tick(review.remind_reviews, hours=10, house=HOUSE)
        await self._tick(review.auto_approve, days=2, house=HOUSE)
        assert late
        await self._tick(review.pay_approved, minutes=1, house=HOUSE)
        last_place = await self._sent(people[4], await self.open_job(slots=1), "only one")
        await self.approve(last_place)
        await self._tick(review.pay_approved, minutes=1, house=AT_ONCE)
        next_job = await self.open_job(slots=6, per_member=3)
        now = [await self._sent(people[n + 4], next_job, f"t{n}") for n in range(4)]
        boss = await self._employer(next_job)
        async with self.unit() as uow:
            await review.reject(
                uow, submission_id=now[0].id, version=1, verdict=Verdict(Reason.NONSENSE), by=boss, house=HOUSE
            )
            await review.approve(uow, submission_id=now[1].id, version=1, by=boss, house=HOUSE)
        self.later(hours=40)

    async def _tick(self, tick: Any, *, house: House | None = None, **length: float) -> None:
        self.later(**length)
        async with self.unit() as uow:
            done = await (tick(uow) if house is None else tick(uow, limit=20, house=house))
        assert done > 0, tick.__name__

    async def _orders(self, people: list[Member]) -> None:
        for n, stage in enumerate(("done", "cancelled", "started", "open")):
            job = await self.open_job(slots=4)
            by = await self._employer(job)
            sent = [await self._sent(people[m + 4], job, f"o{n}-{m}") for m in range(2)]
            async with self.unit() as uow:
                ordered = await review_queue.order_approve_all(
                    uow, job_id=job, up_to_submission_id=sent[1].id, count=2, by=by, house=HOUSE
                )
                if stage == "cancelled":
                    await review_queue.cancel_approve_all(uow, order_id=ordered.id, by=by)
            if stage == "done":
                await self._tick(review.work_off_approve_orders, seconds=20, house=HOUSE)
            elif stage == "started":
                self.later(seconds=20)

    # -- money ---------------------------------------------------------------------------------------------------

    async def _money_out(self, operator: Member, people: list[Member]) -> None:
        vault = OpenVault(VAULT._fernet, VAULT._mark)
        for member in people[4:9]:
            await self.earn(member.id, 400_000 + member.id)
        for n, stage in enumerate(("paid", "approved", "cancelled", "refused", "requested", "again")):
            owner = people[4] if stage == "again" else people[4 + n]
            async with self.unit() as uow:
                asked = await wallet.request_withdrawal(
                    uow,
                    member_id=owner.id,
                    way=(Way.PAYPAL, Way.JAZZCASH)[n % 2],
                    destination=("same@example.com", "03017654321")[n % 2],
                    amount=100_000 + 100 * n,
                    house=HOUSE,
                    vault=vault,
                )
                if stage in ("approved", "paid"):
                    await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator.id)
                if stage == "paid":
                    await wallet.mark_sent(uow, withdrawal_id=asked.id, version=2, reference="PP-1", by=operator.id)
                if stage == "cancelled":
                    await wallet.cancel_withdrawal(uow, withdrawal_id=asked.id, version=1, by=owner.id)
                if stage == "refused":
                    await wallet.refuse_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator.id)
            self.later(minutes=10)
        async with self.unit() as uow:
            await wallet.freeze_payouts(uow, by=operator.id, reason="a test")
            await wallet.thaw_payouts(uow, by=operator.id)
            await wallet.freeze_payouts(uow, by=operator.id, reason="Again")

    # -- messages ------------------------------------------------------------------------------------------------

    async def _alerts(self, readers: list[Member], published: list[int]) -> None:
        for n, reader in enumerate(readers):
            async with self.unit() as uow:
                await alerts.choose_minimum(uow, member_id=reader.id, amount=(10_000, 20_000)[n % 2], house=HOUSE)
                await alerts.choose_category(uow, member_id=reader.id, category_id="surveys", on=True, house=HOUSE)
                if n == 2:
                    await alerts.mute(uow, member_id=reader.id, house=HOUSE)
                if n == 3:
                    await alerts.switch(uow, member_id=reader.id, on=False, house=HOUSE)
        for limit in (8, 1, 20, 3):
            async with self.unit() as uow:
                await alerts.match_alerts(uow, limit=limit, house=HOUSE)
        await self._send_due("alert", "sent")
        async with self.unit() as uow:
            await myjobs.close(uow, member=await self._employer(published[0]), job_id=published[0], version=1, free=3)
            await alerts.mark_alerts_filled(uow, limit=20, house=HOUSE)
            await alerts.match_alerts(uow, limit=2, house=HOUSE)

    async def _send_due(self, lane: str, status: str) -> None:
        async with self.unit() as uow:
            for found in await outbox.list_due(uow.tx, lane=lane, now=self.now, limit=9):
                assert await outbox.claim(uow.tx, found.id)
                message = 7000 + found.id if status == "sent" else None
                await outbox.finish(uow.tx, found.id, status=status, message_id=message, at=self.now)

    async def _spine(self, people: list[Member]) -> None:
        batch = [
            {"update_id": n, "sender_id": 500 + n % 3, "raw": {"update_id": n, "text": f"{NAMES[n]}'s \" \\ \n"}}
            for n in range(9)
        ]
        async with self.unit() as uow:
            stored = await inbox.insert_arrivals(uow.tx, bot_id=BOT, batch=batch, received_at=self.now)
            ids = [stored[n] for n in range(9)]
            await inbox.mark_applied(uow.tx, ids[0], reply='[{"a":1}]', at=self.now, put_off="key")
            await inbox.mark_applied(uow.tx, ids[1], reply=None, at=self.now)
            await inbox.mark_applied(uow.tx, ids[2], reply="[]", at=self.now)
            await inbox.mark_answered(uow.tx, [ids[2]])
            assert await inbox.add_attempt(uow.tx, ids[3], error="Boom") == 1
            await inbox.quarantine(uow.tx, ids[4], error="Boom", at=self.now)
            assert await inbox.add_send(uow.tx, ids[0]) == 1
        for n, member in enumerate(people):
            async with self.unit() as uow:
                for name in ("publish", "Proof", "proof"):
                    kept = Dialog(name, f"step {n}", self.now + timedelta(minutes=n), {"n": n}, {"1": "a"}, open=False)
                    await dialogs.save_dialog(uow.tx, member.id, kept)
                if n != 3:
                    opened = Dialog("withdraw", f"step {n}", self.now + timedelta(minutes=n), {"ä": [n]})
                    await dialogs.save_dialog(uow.tx, member.id, opened)
        async with self.unit() as uow:
            await dialogs.delete_dialog(uow.tx, people[0].id, "Proof")
            await dialogs.sweep_dialogs(uow.tx, now=self.now + timedelta(minutes=4), limit=100)
            for slot in (1, 2):
                assert await outbox.take_slot(uow.tx, "tick", slot, at=self.now)
            for name in ("audit_result", "audit_counts", "audit_wanted", "x"):
                await outbox.set_flag(uow.tx, name, "ok", at=self.now)
                await outbox.set_flag(uow.tx, name, "3", at=self.now)
            assert await outbox.delete_flag(uow.tx, "x")
        self.later(days=1)
        async with self.unit() as uow:
            outlived = await proof.list_outlived(uow, older_than=timedelta(days=1), limit=1)
            await proof.forget_files(uow, proof_ids=[number for number, _ in outlived])
            await inbox.sweep_inbox(uow.tx, before=self.now, limit=1)

    async def _messages(self, people: list[Member]) -> None:
        await self._send_due("receipt", "sent")
        await self._send_due("screen", "failed")
        async with self.unit() as uow:
            for n, member in enumerate(people[:6]):
                screens = [To(member.id, lane="screen", topic=topic) for topic in ("Review:1", "review:1")]
                for to in (To(member.id), *screens):
                    uow.emit("told", {"n": n, "name": NAMES[n]}, to=[to])
        await self._send_due("screen", "sent")
        async with self.unit() as uow:
            uow.emit("told", {"again": True}, to=[To(m.id, lane="screen", topic="review:1") for m in people[:6]])
            uow.emit("told", {"once": True}, to=[To(people[0].id, lane="alert", key="alert:1:1", topic="alert:1")])
            uow.emit("told", {"edit": True}, to=[To(people[4].id, lane="alert", key="Alert:1:1", topic="alert:1")])
            uow.emit("told", {"late": 1}, to=[To(people[0].id, due_at=self.now + timedelta(hours=1))])
        async with self.unit() as uow:
            due = await outbox.list_due(uow.tx, lane="screen", now=self.now, limit=50)
            await outbox.skip_overtaken(uow.tx, due[-1], now=self.now)
            await outbox.close_topic(uow.tx, people[1].id, "Review:1")
            receipts = await outbox.list_due(uow.tx, lane="receipt", now=self.now, limit=50)
            for one in (*receipts[:4], due[0]):
                await outbox.park(uow.tx, one)
            await outbox.release_parked(uow.tx, receipts[0].member_id, at=self.now)
            for message_id in (55, 56):
                await pins.note_pinned(uow.tx, people[2].id, "place:1", message_id=message_id, at=self.now)
            alert, _ = await outbox.list_due(uow.tx, lane="alert", now=self.now, limit=50)
            for number in (receipts[5].id, due[-2].id, alert.id):
                assert await outbox.claim(uow.tx, number)
            await outbox.release_interrupted(uow.tx)
            assert await outbox.claim(uow.tx, receipts[6].id)
