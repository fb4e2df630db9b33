"""Who is in the demo: four people with phones, and employers and workers of whom only the past is there."""

from dataclasses import dataclass

DEMO_TOKEN = "8081808180:demo-only-this-is-not-a-real-bot-token"  # noqa: S105 - opens nothing but the emulator


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone on the page. `role` is the page's label."""

    id: int
    first_name: str
    role: str
    country: str
    phone: str


ALI = Person(810_000_001, "Ali", "worker", "PK", "+923001234567")
SARA = Person(810_000_002, "Sara", "employer", "GB", "+447700900123")
OMAR = Person(810_000_003, "Omar", "subscriber", "AE", "+971501234567")
OLGA = Person(810_000_004, "Olga", "operator", "DE", "+4915112345678")
PEOPLE = (ALI, SARA, OMAR, OLGA)

#: First name, country, language of their jobs.
EMPLOYERS = (
    ("Maren", "DK", "en"),
    ("Tunde", "NG", "en"),
    ("Priya", "IN", "en"),
    ("Jonas", "DE", "en"),
    ("Grace", "KE", "en"),
    ("Daniel", "US", "en"),
    ("Aiko", "JP", "en"),
    ("Lucía", "MX", "es"),
)
WORKERS = (
    ("Bilal", "PK"),
    ("Ayesha", "PK"),
    ("Hamza", "PK"),
    ("Rohan", "IN"),
    ("Anjali", "IN"),
    ("Kavya", "IN"),
    ("Nusrat", "BD"),
    ("Tanvir", "BD"),
    ("Farhana", "BD"),
    ("Jose", "PH"),
    ("Maricel", "PH"),
    ("Dewi", "ID"),
    ("Agus", "ID"),
    ("Linh", "VN"),
    ("Minh", "VN"),
    ("Wanjiru", "KE"),
    ("Otieno", "KE"),
    ("Chinedu", "NG"),
    ("Amaka", "NG"),
    ("Kofi", "GH"),
    ("Abena", "GH"),
    ("Youssef", "EG"),
    ("Mona", "EG"),
    ("Karim", "MA"),
    ("Sanjay", "NP"),
    ("Dilani", "LK"),
    ("Camila", "CO"),
    ("Diego", "MX"),
    ("Valentina", "PE"),
    ("Thiago", "BR"),
)
#: People without a phone have ids from here on; nobody is behind them and nothing is ever sent to them.
FIRST_ID_WITHOUT_PHONE = 820_000_001
