"""What a rule that takes people under 18 lacks before it can make a list."""

import datetime

from cohorts.lists.sentences import both
from cohorts.rules import MEASURE_NOUNS, RuleTerms, takes_under_18s
from governance.models import AgeGroup, Service

_WHERE = "The IG lead changes an agreement: Governance, the agreement, “About whom”, “Of which ages?”."


def lacks(service: Service, rule: RuleTerms, today: datetime.date) -> list[str]:
    """In sentences; empty for a rule of adults, and where agreements and a safeguarding lead are there.

    Every source that the rule counts from needs it: a child in the rows of any of them would be listed.
    """
    if not takes_under_18s(rule):
        return []
    said = [_agreements(service, rule)]
    if service.safeguarding_leads.on(today) is None:
        said.append(
            "The service has no safeguarding lead. A service manager names one: Members, “Safeguarding lead”."
        )
    found = [sentence for sentence in said if sentence]
    if not found:
        return []
    return [
        "This rule can put people under 18 on a list, and not all that this needs is there.",
        *found,
        "For a list of adults, enter a youngest age of 18 in the rule.",
    ]


def of_unknown_age(rule: RuleTerms, number: int) -> str:
    """How many people pass though nobody knows their age, in a sentence; empty for none.

    Unknown is not no, so they are on the list; but neither the rule nor the agreement can tell whether one is a child.
    """
    if not number:
        return ""
    least = (
        f"The rule asks for {rule.min_age} or older" if rule.min_age else "The rule asks for no youngest age"
    )
    return (
        f"Age is not supplied for {number:,} of the people on this list. {least}, and nobody knows whether "
        f"{'this one is' if number == 1 else 'each of them is'} 18. They are on it all the same, because unknown is "
        "not no. Ask for the date of birth before you take anyone of unknown age on."
    )


def _agreements(service: Service, rule: RuleTerms) -> str:
    measures = {rule.measure, "nel"} if rule.min_admissions is not None else {rule.measure}
    sources = list(service.sources.filter(measure__in=measures).select_related("agreement"))
    nouns = both([MEASURE_NOUNS[measure][1] for measure in sorted(measures)])
    if not sources:
        return f"No source sends {nouns} under an agreement that is about people under 18. {_WHERE}"
    without = [each for each in sources if each.agreement.age_group != AgeGroup.UNDER_18]
    if not without:
        return ""
    names = both([str(each) for each in without])
    titles = both(list(dict.fromkeys(f"“{each.agreement}”" for each in without)))
    which = "agreement is" if len({each.agreement_id for each in without}) == 1 else "agreements are"
    return f"It counts {nouns} from {names}, whose {which} about adults only: {titles}. {_WHERE}"
