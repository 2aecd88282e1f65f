"""What cannot be worked out from a file, because it says nothing of it: said, never counted as none."""

from collections.abc import Collection

from cohorts.pipeline.fields import F, Shape

# (any one of these fields is enough, what is said where none is there), by the measure it matters to.
_OF_AE = (
    ({F.ARRIVAL_MODE}, "Arrival mode absent: conveyance cannot be computed."),
    (
        {F.ADMITTED, F.DISPOSAL},
        "What happened at the end absent: whether an attendance ended in admission cannot be computed.",
    ),
    (
        {F.ATTENDANCE_CATEGORY},
        "Attendance category absent: first attendances cannot be told from follow-ups.",
    ),
    ({F.DEPARTMENT_TYPE}, "Type of department absent: type 1 attendances cannot be told from others."),
    ({F.ACUITY}, "Acuity absent: how urgent attendances were cannot be computed."),
    ({F.DURATION_MINUTES}, "Minutes in the department absent: time in the department cannot be computed."),
)
_OF_NEL = (
    (
        {F.ADMISSION_METHOD},
        "Admission method absent: emergency admissions cannot be told from planned ones, so every row is taken "
        "for an emergency. Ask the sender for the column, or for emergency admissions only.",
    ),
)
_OF_EVENTS = (
    ({F.ARRIVED_TIME, F.ARRIVED_AT}, "Time absent: out of hours cannot be computed."),
    (
        {F.ATTENDANCE_ID},
        "The sender's own number absent: rows are the same one when person, moment and site agree.",
    ),
)
_OF_PEOPLE = (
    ({F.BIRTH_DATE, F.AGE}, "Date of birth and age absent: nobody can be chosen, or left out, by age."),
    ({F.SEX}, "Sex absent: figures by sex cannot be computed."),
    ({F.ETHNICITY}, "Ethnicity absent: figures by ethnicity cannot be computed."),
    ({F.POSTCODE}, "Postcode absent: area and deprivation cannot be computed."),
)
_OF_LISTS = (
    ({F.NEL_COUNT}, "Number of emergency admissions absent: admissions are not supplied."),
    ({F.CONVEYANCE_COUNT}, "Number of ambulance conveyances absent: conveyance cannot be computed."),
    ({F.AE_COUNT_RECENT}, "Recent attendances absent: who has stopped attending cannot be seen."),
)


def cannot(fields: Collection[str], *, shape: str, measure: str) -> list[str]:
    """A sentence for each thing that a file with these fields, and no others, does not tell.

    Args:
        fields: those that are mapped and that the agreement lets in.
    """
    if shape == Shape.PEOPLE:
        wanted = [*_OF_LISTS, *_OF_PEOPLE]
    else:
        of_measure = {"ae": _OF_AE, "nel": _OF_NEL}.get(measure, ())
        wanted = [*of_measure, *_OF_EVENTS, *_OF_PEOPLE]
    return [sentence for enough, sentence in wanted if not enough & set(fields)]
