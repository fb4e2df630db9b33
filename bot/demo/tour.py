"""The demo's tour: the loop in ten taps, told as data for the page. docs/EMULATOR.md says what the fields mean.

Sara approves what waits, Ali is paid, Sara publishes, Omar hears of it, does it and sends his proof. Played a second
time, Sara's job is published already: then she publishes it once more.
"""

import base64
import io
import random
from typing import Any

from PIL import Image

from bot.demo.cast import ALI, OMAR, SARA, Person
from bot.demo.picture import screenshot_of_recipe

Step = dict[str, Any]

SEED = 8
QUALITY = 80


def tour() -> dict[str, Any]:
    """Give the tour, with a sample picture in it, so that nobody needs a file."""
    return {
        "title": "Ten taps through the loop",
        "words": "Sara pays for small jobs, Ali and Omar do them. Two proofs wait for Sara already: begin with them.",
        "opening": [{"person": SARA.id, "text": "/review"}],
        "steps": [*_review(), *_publish(), *_work(_sample())],
        "end": "That was the loop. Now Sara may approve Omar's proof. If she forgets, time decides for her: "
        "tap “+3 days” at the top and watch Omar being paid.",
    }


def _step(person: Person, say: str, **rest: Any) -> Step:
    return {"person": person.id, "say": say, **rest}


def _sees(words: str, person: Person | None = None) -> Step:
    return {"see": words} if person is None else {"see": words, "person": person.id}


def _review() -> list[Step]:
    none_waits = {"see": "No proof waits", "then": "publish"}
    approve = {"tap": "Approve ·", "back": "/review", "otherwise": none_waits}
    return [
        _step(
            SARA,
            "A worker sent this proof, with a picture. It fits the job: approve it, and the worker is paid.",
            until=_sees("approved."),
            **approve,
        ),
        _step(SARA, "The next one is Ali's. Approve it too.", until=_sees("No proof waits"), **approve),
        _step(
            ALI,
            "Ali is told that he was paid, and what he has now.",
            see="for “Read our delivery page",
            waiting="Sara can take it back for a few seconds. Then Ali is paid …",
            otherwise={**none_waits, "person": SARA.id, "unless": "You can undo"},
        ),
    ]


def _publish() -> list[Step]:
    again = [
        _step(SARA, "Her job is published already. She may publish it once more.", send="/myjobs", until=_sees("My")),
        _step(SARA, "Open the job.", tap="Cook with us", until=_sees("Cook with us")),
        _step(SARA, "Take it as it is.", tap="Publish again", until=_sees("Nothing is published yet")),
    ]
    return [
        _step(
            SARA,
            "Now Sara wants work done. She wrote a job and put it aside.",
            name="publish",
            send="/newjob",
            until=_sees("job"),
        ),
        _step(
            SARA,
            "Here it is. Go on with it.",
            tap="Continue",
            until=_sees("Nothing is published yet"),
            back="/newjob",
            otherwise={"see": "What kind of work is it?", "steps": again, "then": "price"},
        ),
        _step(
            SARA,
            "This is what workers will see, and what it costs. The money is set aside: workers can be sure of it.",
            name="price",
            tap="Publish for",
            until=_sees("is published"),
            back="/newjob",
        ),
    ]


def _work(picture: str) -> list[Step]:
    here = {"back": "/mywork"}
    return [
        _step(
            OMAR,
            "Omar asked to hear of jobs from $1.00. His phone rings at once: take the job for him.",
            tap="Apply",
            waiting="Omar asked to hear of jobs from $1.00. His phone will ring …",
            until=_sees("min left"),
        ),
        _step(OMAR, "The place is his for a while. The steps are done, now the proof.", tap="Send proof",
              until=_sees("Received: 0"), **here),
        _step(OMAR, "Send a picture. No need to look for one: here is a screenshot.", photo=picture,
              until=_sees("Received: 1"), **here),
        _step(OMAR, "The bot has it.", tap="Done with photos", until=_sees("Check your proof"), **here),
        _step(
            OMAR,
            "All is there. Ask for your money.",
            tap="Request for complete",
            until=_sees("for your review", SARA),
            **here,
        ),
    ]  # fmt: skip


def _sample() -> str:
    """Give the picture as a data: address, small enough for a page."""
    with Image.open(io.BytesIO(screenshot_of_recipe(random.Random(SEED)))) as drawn:  # noqa: S311 - a picture, no secret
        stream = io.BytesIO()
        drawn.convert("RGB").save(stream, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
