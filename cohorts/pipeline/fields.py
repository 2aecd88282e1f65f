"""Every field an extract can be mapped to, named once.

An agreement's `allowed_fields`, a source's mapping and the checked file all speak these names.
"""

from dataclasses import dataclass
from enum import StrEnum

from governance.data_items import DataItem
from governance.privacy import Privacy


class Kind(StrEnum):
    """How the text of a cell is read."""

    NHS_NUMBER = "nhs_number"
    IDENTIFIER = "identifier"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    CODE = "code"
    INT = "int"
    MONEY = "money"
    BOOL = "bool"
    ADMISSION_METHOD = "admission_method"


class Shape(StrEnum):
    """What one row of the file stands for."""

    ATTENDANCES = "attendances"
    PEOPLE = "people"


class F(StrEnum):
    """The names."""

    NHS_NUMBER = "nhs_number"
    PSEUDONYM = "pseudonym"
    LOCAL_NUMBER = "local_number"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    AGE = "age"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    ADDRESS = "address"
    POSTCODE = "postcode"
    PHONE = "phone"
    GP_PRACTICE = "gp_practice"
    COMMISSIONER_CODE = "commissioner_code"
    WARNING_FLAGS = "warning_flags"
    ATTENDANCE_ID = "attendance_id"
    ARRIVED_ON = "arrived_on"
    ARRIVED_TIME = "arrived_time"
    ARRIVED_AT = "arrived_at"
    ARRIVAL_MODE = "arrival_mode"
    ATTENDANCE_CATEGORY = "attendance_category"
    DEPARTMENT_TYPE = "department_type"
    ACUITY = "acuity"
    ADMISSION_METHOD = "admission_method"
    SITE = "site"
    COMPLAINT = "complaint"
    DISPOSAL = "disposal"
    ADMITTED = "admitted"
    DURATION_MINUTES = "duration_minutes"
    COST = "cost"
    AE_COUNT = "ae_count"
    AE_COUNT_RECENT = "ae_count_recent"
    NEL_COUNT = "nel_count"
    CONVEYANCE_COUNT = "conveyance_count"
    CALL_999_COUNT = "call_999_count"
    OUTPATIENT_COUNT = "outpatient_count"
    COST_TOTAL = "cost_total"


@dataclass(frozen=True)
class Field:
    """One field: what it is called on a page, how it is read and how private it is."""

    name: F
    label: str
    kind: Kind
    privacy: Privacy
    shapes: frozenset[Shape]
    longest: int = 0  # characters kept of a text; 0 where the kind sets the length


_BOTH = frozenset(Shape)
_ATTENDANCES = frozenset({Shape.ATTENDANCES})
_PEOPLE = frozenset({Shape.PEOPLE})
_PERSONAL, _SPECIAL, _ORDINARY = Privacy.PERSONAL, Privacy.SPECIAL, Privacy.ORDINARY

FIELDS: dict[F, Field] = {
    field.name: field
    for field in (
        Field(F.NHS_NUMBER, "NHS number", Kind.NHS_NUMBER, _PERSONAL, _BOTH),
        Field(F.PSEUDONYM, "Pseudonym", Kind.IDENTIFIER, _PERSONAL, _BOTH, 64),
        Field(F.LOCAL_NUMBER, "Sender's own number of the person", Kind.IDENTIFIER, _PERSONAL, _BOTH, 64),
        Field(F.FIRST_NAME, "First name", Kind.TEXT, _PERSONAL, _BOTH, 100),
        Field(F.LAST_NAME, "Last name", Kind.TEXT, _PERSONAL, _BOTH, 100),
        Field(F.FULL_NAME, "Name in one column", Kind.TEXT, _PERSONAL, _BOTH, 200),
        Field(F.BIRTH_DATE, "Date of birth", Kind.DATE, _PERSONAL, _BOTH),
        Field(F.AGE, "Age", Kind.INT, _PERSONAL, _BOTH),
        Field(F.SEX, "Sex", Kind.CODE, _PERSONAL, _BOTH, 1),
        Field(F.ETHNICITY, "Ethnicity", Kind.CODE, _SPECIAL, _BOTH, 60),
        Field(F.ADDRESS, "Address", Kind.TEXT, _PERSONAL, _BOTH, 300),
        Field(F.POSTCODE, "Postcode", Kind.TEXT, _PERSONAL, _BOTH, 10),
        Field(F.PHONE, "Telephone number", Kind.TEXT, _PERSONAL, _BOTH, 30),
        Field(F.GP_PRACTICE, "GP practice", Kind.CODE, _PERSONAL, _BOTH, 100),
        Field(F.COMMISSIONER_CODE, "Commissioner code", Kind.CODE, _ORDINARY, _PEOPLE, 20),
        Field(F.WARNING_FLAGS, "Warning flags", Kind.TEXT, _SPECIAL, _BOTH, 300),
        Field(F.ATTENDANCE_ID, "Attendance number", Kind.IDENTIFIER, _PERSONAL, _ATTENDANCES, 64),
        Field(F.ARRIVED_ON, "Arrival date", Kind.DATE, _SPECIAL, _ATTENDANCES),
        Field(F.ARRIVED_TIME, "Arrival time", Kind.TIME, _SPECIAL, _ATTENDANCES),
        Field(F.ARRIVED_AT, "Arrival date and time in one column", Kind.DATETIME, _SPECIAL, _ATTENDANCES),
        Field(F.ARRIVAL_MODE, "Arrival mode", Kind.CODE, _SPECIAL, _BOTH, 10),
        Field(F.ATTENDANCE_CATEGORY, "Attendance category", Kind.CODE, _SPECIAL, _ATTENDANCES, 20),
        Field(F.DEPARTMENT_TYPE, "Type of department", Kind.CODE, _ORDINARY, _ATTENDANCES, 1),
        Field(F.ACUITY, "Acuity", Kind.CODE, _SPECIAL, _ATTENDANCES, 1),
        Field(F.ADMISSION_METHOD, "Admission method", Kind.ADMISSION_METHOD, _SPECIAL, _ATTENDANCES),
        Field(F.SITE, "Hospital or site", Kind.CODE, _SPECIAL, _BOTH, 100),
        Field(F.COMPLAINT, "Presenting complaint", Kind.CODE, _SPECIAL, _BOTH, 200),
        Field(F.DISPOSAL, "What happened at the end", Kind.CODE, _SPECIAL, _ATTENDANCES, 100),
        Field(F.ADMITTED, "Admitted to hospital", Kind.BOOL, _SPECIAL, _ATTENDANCES),
        Field(F.DURATION_MINUTES, "Minutes in the department", Kind.INT, _SPECIAL, _ATTENDANCES),
        Field(F.COST, "Cost of the attendance", Kind.MONEY, _ORDINARY, _ATTENDANCES),
        Field(F.AE_COUNT, "Number of A&E attendances", Kind.INT, _SPECIAL, _PEOPLE),
        Field(F.AE_COUNT_RECENT, "Number of recent A&E attendances", Kind.INT, _SPECIAL, _PEOPLE),
        Field(F.NEL_COUNT, "Number of emergency admissions", Kind.INT, _SPECIAL, _PEOPLE),
        Field(F.CONVEYANCE_COUNT, "Number of ambulance conveyances", Kind.INT, _SPECIAL, _PEOPLE),
        Field(F.CALL_999_COUNT, "Number of 999 calls", Kind.INT, _SPECIAL, _PEOPLE),
        Field(F.OUTPATIENT_COUNT, "Number of outpatient appointments", Kind.INT, _SPECIAL, _PEOPLE),
        Field(F.COST_TOTAL, "Total cost", Kind.MONEY, _ORDINARY, _PEOPLE),
    )
}

# The measure each count is of, and the months it covers unless the source says otherwise.
COUNTS: dict[F, tuple[str, int]] = {
    F.AE_COUNT: ("ae", 12),
    F.AE_COUNT_RECENT: ("ae", 3),
    F.NEL_COUNT: ("nel", 12),
    F.CONVEYANCE_COUNT: ("conveyance", 12),
    F.CALL_999_COUNT: ("call_999", 12),
    F.OUTPATIENT_COUNT: ("outpatient", 12),
}

PERSON_FIELDS = (
    F.FIRST_NAME, F.LAST_NAME, F.BIRTH_DATE, F.AGE, F.SEX, F.ETHNICITY,
    F.ADDRESS, F.POSTCODE, F.PHONE, F.GP_PRACTICE,
)  # fmt: skip
ACTIVITY_FIELDS = (
    F.ARRIVAL_MODE, F.ATTENDANCE_CATEGORY, F.DEPARTMENT_TYPE, F.ACUITY, F.SITE, F.COMPLAINT,
    F.DISPOSAL, F.ADMITTED, F.DURATION_MINUTES, F.COST,
)  # fmt: skip

# Fields a column can be mapped to, so that a page can name them, but for which nothing has a place yet.
WITHOUT_A_PLACE: dict[Shape, frozenset[F]] = {
    Shape.ATTENDANCES: frozenset({F.WARNING_FLAGS}),
    Shape.PEOPLE: frozenset({F.WARNING_FLAGS, F.COMMISSIONER_CODE, F.ARRIVAL_MODE, F.SITE, F.COMPLAINT}),
}

# What a field in one column stands for when an agreement names the parts.
PARTS: dict[F, tuple[F, ...]] = {
    F.FULL_NAME: (F.FIRST_NAME, F.LAST_NAME),
    F.ARRIVED_AT: (F.ARRIVED_ON, F.ARRIVED_TIME),
}

# What an agreement names: each part by itself, since a file may have them in one column or in several.
DATA_ITEMS = tuple(
    DataItem(
        field.name.value,
        field.label,
        kept=any(field.name not in WITHOUT_A_PLACE[shape] for shape in field.shapes),
    )
    for field in FIELDS.values()
    if field.name not in PARTS
)


def fields_of(shape: str) -> list[Field]:
    """The fields a file of that shape can carry, in the order a page lists them."""
    return [field for field in FIELDS.values() if shape in field.shapes]


# What the moment of an event is called where the event is no arrival.
_MOMENTS: dict[str, str] = {
    "nel": "admission",
    "call_999": "the call",
    "conveyance": "the conveyance",
    "outpatient": "the appointment",
}


def label(name: str, measure: str = "ae") -> str:
    """The field's name in words, as one says it of what the source counts."""
    plain = FIELDS[F(name)].label
    moment = _MOMENTS.get(measure)
    if moment is None:
        return plain
    words = {
        F.ATTENDANCE_ID: "Sender's own number of the event",
        F.ARRIVED_ON: f"Date of {moment}",
        F.ARRIVED_TIME: f"Time of {moment}",
        F.ARRIVED_AT: f"Date and time of {moment} in one column",
        F.COST: "Cost",
    }
    return words.get(F(name), plain)
