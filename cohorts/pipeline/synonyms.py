"""The names that senders give to columns, and the words that stand for codes everywhere."""

from collections.abc import Sequence

from cohorts.pipeline.fields import FIELDS, F
from cohorts.pipeline.open_workbook import normal

_NAMES: dict[F, tuple[str, ...]] = {
    F.NHS_NUMBER: ("nhs no", "nhs num", "nhsnumber", "nhs_no", "patient nhs number", "new nhs number"),
    F.PSEUDONYM: (
        "health service id",
        "pseudo_hesid",
        "token_person_id",
        "pseudo nhs number",
        "pseudonymised nhs number",
        "person id",
        "patient id",
        "encrypted hesid",
        "study id",
        "subject id",
        "client id",
    ),
    F.LOCAL_NUMBER: (
        "local patient identifier",
        "local patient id",
        "lopatid",
        "hospital number",
        "hospital no",
        "hospital id",
        "unit number",
        "mrn",
        "medical record number",
        "patient number",
    ),
    F.FIRST_NAME: ("forename", "forenames", "given name", "first names", "patient forename"),
    F.LAST_NAME: ("surname", "family name", "patient surname"),
    F.FULL_NAME: ("name", "full name", "patient name", "client name"),
    F.BIRTH_DATE: ("dob", "d.o.b.", "birth date", "date of birth", "patient dob"),
    F.AGE: (
        "age at arrival",
        "age at attendance",
        "arrival age",
        "arrivalage",
        "age_at_arrival",
        "age in years",
    ),
    F.SEX: ("gender", "stated gender", "sex code", "stated_gender"),
    F.ETHNICITY: ("ethnic category", "ethnic group", "ethnos", "ethnic origin"),
    F.ADDRESS: ("home address", "full address", "patient address"),
    F.POSTCODE: ("post code", "home postcode", "postcode of usual address"),
    F.PHONE: ("phone", "telephone", "phone number", "mobile", "contact number", "tel no", "mobile number"),
    F.GP_PRACTICE: (
        "gp",
        "practice",
        "registered practice",
        "gp practice code",
        "gpprac",
        "practice code",
        "gp surgery",
    ),
    F.COMMISSIONER_CODE: ("cog code", "ccg code", "ccg", "commissioner", "icb code"),
    F.WARNING_FLAGS: ("warning flag", "warning flag information", "alerts", "alert flags", "risk flags"),
    F.ATTENDANCE_ID: (
        "call number",
        "incident number",
        "case number",
        "spell number",
        "appointment id",
        "hospital provider spell number",
        "attendance id",
        "aekey",
        "attendance no",
        "visit id",
        "episode id",
        "ae number",
        "attendance identifier",
    ),
    F.ARRIVED_ON: (
        "arrivaldate",
        "arrival_date",
        "attendance date",
        "date of attendance",
        "date of arrival",
        "attended on",
        "admidate",
        "admission date",
        "date of admission",
        "call date",
        "date of call",
        "incident date",
        "conveyance date",
        "appointment date",
        "apptdate",
    ),
    F.ARRIVED_TIME: (
        "call time",
        "time of call",
        "incident time",
        "appointment time",
        "admission time",
        "arrivaltime",
        "arrival_time",
        "attendance time",
        "time of arrival",
    ),
    F.ARRIVED_AT: (
        "arrival date time",
        "arrival datetime",
        "arrival date and time",
        "attendance datetime",
        "call datetime",
        "admission datetime",
        "appointment datetime",
        "arrived at",
    ),
    F.ARRIVAL_MODE: ("mode of arrival", "aearrivalmode", "arrived by", "arrival method"),
    F.ATTENDANCE_CATEGORY: ("aeattendcat", "attendance type", "attendance cat"),
    F.DEPARTMENT_TYPE: ("aedepttype", "department type", "type of department", "ae department type"),
    F.ACUITY: ("acuity", "triage category", "triage", "priority", "manchester triage"),
    F.ADMISSION_METHOD: ("admimeth", "method of admission", "admission method", "admission method code"),
    F.SITE: ("hospital", "site code", "provider site", "department", "hospital name", "provider"),
    F.COMPLAINT: (
        "chief complaint",
        "presenting problem",
        "complaint",
        "presentation",
        "reason for attendance",
    ),
    F.DISPOSAL: ("aeattenddisp", "outcome", "discharge destination", "attendance disposal", "disposal"),
    F.ADMITTED: ("was admitted", "admission", "admitted y/n"),
    F.DURATION_MINUTES: (
        "time in a&e (mins)",
        "depdur",
        "length of stay minutes",
        "duration",
        "minutes in department",
        "time in department",
    ),
    F.COST: ("attendance cost", "tariff", "cost", "final_price", "price"),
    F.AE_COUNT: (
        "a&e attendances",
        "a&e attendance in the last 12 months",
        "a&e attendances in the last 12 months",
        "attendances in last 12 months",
        "ae attendances",
        "number of attendances",
        "attendances",
        "ed attendances",
    ),
    F.AE_COUNT_RECENT: (
        "a&e attendances in the last 3 months",
        "attendances in last 3 months",
        "recent attendances",
    ),
    F.NEL_COUNT: (
        "emergency admissions",
        "emergency admissions in the last 12 months",
        "admissions",
        "nel admissions",
        "non-elective admissions",
    ),
    F.CONVEYANCE_COUNT: (
        "ambulance conveyances",
        "ambulance conveyances in the last 12 months",
        "conveyances",
    ),
    F.CALL_999_COUNT: ("999 calls", "999 calls in the last 12 months", "ambulance calls"),
    F.OUTPATIENT_COUNT: (
        "outpatient appointments",
        "outpatients",
        "outpatient appointments in the last 12 months",
    ),
    F.COST_TOTAL: ("total cost", "cost in the last 12 months"),
}

_FIELD_OF: dict[str, F] = {
    normal(name): field
    for field, names in _NAMES.items()
    for name in (field.value, FIELDS[field].label, *names)
}

SEX: dict[str, str] = {
    **dict.fromkeys(("f", "female", "woman"), "F"),
    **dict.fromkeys(("m", "male", "man"), "M"),
    **dict.fromkeys(("o", "other", "non-binary", "indeterminate", "x"), "O"),
    **dict.fromkeys(("u", "z", "not specified", "not stated"), ""),
}

# Arrival modes as people write them; the SNOMED codes are those of ECDS (ref: NHS England ETOS 4).
STANDARD_CODES: dict[F, dict[str, str]] = {
    F.ARRIVAL_MODE: {
        **dict.fromkeys(
            (
                "ambulance",
                "999",
                "air ambulance",
                "helicopter",
                "brought in by ambulance",
                "1048031000000100",
                "1048041000000109",
                "1048021000000102",
                "1048051000000107",
                "1048081000000101",
            ),
            "ambulance",
        ),
        **dict.fromkeys(
            (
                "own",
                "own transport",
                "public transport",
                "own or public transport",
                "walk",
                "walked",
                "walk in",
                "walk-in",
                "walking",
                "car",
                "taxi",
                "bus",
                "private transport",
                "self",
                "1048071000000103",
                "1048061000000105",
            ),
            "own",
        ),
        **dict.fromkeys(
            (
                "police",
                "prison",
                "police or justice",
                "police transport",
                "1047991000000102",
                "1048001000000106",
            ),
            "police",
        ),
        "other": "other",
    },
    F.DEPARTMENT_TYPE: {
        written: str(number)
        for number in range(1, 6)
        for written in (f"0{number}", f"type {number}", f"type{number}", f"t{number}")
    },
    F.ACUITY: {
        **{f"0{number}": str(number) for number in range(1, 6)},
        **{f"p{number}": str(number) for number in range(1, 6)},
        **dict.fromkeys(("immediate", "red", "resus"), "1"),
        **dict.fromkeys(("very urgent", "orange"), "2"),
        **dict.fromkeys(("urgent", "yellow"), "3"),
        **dict.fromkeys(("standard", "green"), "4"),
        **dict.fromkeys(("low acuity", "non-urgent", "blue"), "5"),
    },
}

# Fields whose text must be one of a few words; anything else becomes the last of them, and is counted.
CLOSED_CODES: dict[F, tuple[str, ...]] = {
    F.ARRIVAL_MODE: ("ambulance", "own", "police", "other"),
    F.SEX: ("F", "M", "O", ""),
    F.DEPARTMENT_TYPE: ("1", "2", "3", "4", "5", ""),
    F.ACUITY: ("1", "2", "3", "4", "5", ""),
}

# Texts that mean "nothing here" in any column except a name, which may really be Null or None.
NOTHING = frozenset(
    {
        "",
        "null",
        "n/a",
        "na",
        "#n/a",
        "none",
        "nan",
        "not known",
        "unknown",
        "not supplied",
        "-",
        "--",
        "?",
        "#value!",
        "#ref!",
    }
)


def suggest(header: Sequence[str], shape: str) -> dict[str, str]:
    """A mapping {column: field} for a heading row, by the names columns usually have; a field is used once."""
    found: dict[str, str] = {}
    for column in header:
        name = _FIELD_OF.get(normal(column))
        if name and shape in FIELDS[name].shapes and name.value not in found.values():
            found[column] = name.value
    return found


def field_of(column: str) -> str:
    """The field that a column of this name usually is, or nothing."""
    return _FIELD_OF.get(normal(column), "")


def known_names() -> list[str]:
    """Every name a column usually has; a heading row holds some of them."""
    return list(_FIELD_OF)
