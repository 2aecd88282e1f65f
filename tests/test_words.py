"""The words of the product: people are never labelled, and nobody reads that they were sent away.

Everything a reader may meet is searched: pages, documentation, and all text of our Python and JavaScript,
where an underscore counts as a space, so that names of code are held to the same words.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SEARCHED = [
    ("templates", "*.html"),
    ("docs", "*.md"),
    ("static/js", "*.js"),
    ("static/scss", "*.scss"),
    *((app, "*.py") for app in ("governance", "cohorts", "casework", "evaluation", "hiu")),
    ("hiu/demo", "*.toml"),
    ("governance/safety", "*.toml"),
    ("casework/presets", "*.toml"),
    ("casework/prsb", "*.json"),
]
FILES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *(path for folder, pattern in SEARCHED for path in sorted((ROOT / folder).rglob(pattern))),
]


@dataclass(frozen=True)
class Word:
    """A pattern, a text it must catch, and what we say instead."""

    pattern: str
    example: str
    say: str

    def found_in(self, text: str) -> Iterator[re.Match[str]]:
        """Whole words in any case; a space of the pattern is also the end of a line."""
        pattern = self.pattern.replace(" ", r"\s")
        return re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)


MORE_THAN_MOST = "people who go to A&E more than most"
PERSON = "person; client, for somebody with a case"
NOT_ABLE = "was not able to come"
PROBLEMS = "has problems with alcohol or drugs"
THIS_BEHAVIOUR = "what happened, in plain words"
DOOR = "moving on; finished for now; the door stays open"

WORDS = [
    # who somebody is
    Word(r"patients?", "the patient said", PERSON),
    Word(r"service[- ]users?", "a service_user", PERSON),
    Word(r"frequent[- ]fl[iy]ers?", "Frequent flyers", MORE_THAN_MOST),
    Word(r"frequent (attend\w+|callers?|presenters?|users?)", "frequent attenders", MORE_THAN_MOST),
    Word(r"(regular|chronic|persistent) (attend\w+|callers?|users?)", "a regular attender", MORE_THAN_MOST),
    Word(r"regulars", "one of our regulars", MORE_THAN_MOST),
    Word(r"repeat (attend\w+|callers?|presenters?)", "repeat attenders", MORE_THAN_MOST),
    Word(r"(heavy|high)[- ]users?|(super|high)[- ]?utili[sz]ers?", "heavy users", MORE_THAN_MOST),
    Word(r"usual suspects?", "the usual suspects", MORE_THAN_MOST),
    Word(r"familiar faces?", "familiar faces", MORE_THAN_MOST),
    Word(r"revolving[- ]doors?", "revolving-door case", MORE_THAN_MOST),
    Word(r"time[- ]?wast(ers?|ing)", "a time-waster", MORE_THAN_MOST),
    Word(r"bed[- ]?block(ers?|ing)", "bed blockers", "people waiting for care at home"),
    Word(r"(worst )?offend(ers?|ing)", "worst offenders", MORE_THAN_MOST),
    Word(r"abusers?", "an abuser of 999", PERSON),
    Word(r"addicts?", "addicts", PROBLEMS),
    Word(r"alcoholics?", "an alcoholic", PROBLEMS),
    Word(r"junkies?|druggies?|drunks?", "a drunk", PROBLEMS),
    Word(r"(drug|alcohol|substance) (abuse|users?)", "substance abuse", PROBLEMS),
    Word(r"self[- ]harmers?", "self-harmers", "people who have hurt themselves"),
    Word(r"overdosers?", "an overdoser", "people who have taken an overdose"),
    Word(r"schizophrenics?|psychotics?|epileptics?|diabetics", "schizophrenics", "people living with it"),
    Word(r"sufferers?|suffer(s|ed|ing)? from", "suffers from pain", "living with"),
    Word(r"victims? of", "a victim of fraud", "somebody who has experienced"),
    Word(r"afflicted|stricken", "afflicted by pain", "living with"),
    Word(r"mentally ill|mental cases?", "mentally ill", "living with a mental health condition"),
    Word(r"insane|crazy|lunatics?", "a crazy visit", THIS_BEHAVIOUR),
    Word(r"the (elderly|homeless|vulnerable|disabled|deaf|blind|poor)", "the elderly", "people who are"),
    Word(r"wheelchair[- ]bound|confined to", "wheelchair-bound", "uses a wheelchair"),
    Word(r"able[- ]bodied", "able-bodied", "not disabled"),
    Word(r"low[- ]functioning", "low functioning", "needs help with"),
    Word(r"problem (famil(y|ies)|people|clients?)", "problem families", PERSON),
    Word(r"(difficult|demanding|needy) (people|person|clients?)", "a difficult person", THIS_BEHAVIOUR),
    Word(r"non[- ]engagers?", "non-engagers", "people we have not reached"),
    Word(r"hard[- ]to[- ](reach|engage)", "hard-to-reach", "people we have not reached"),
    # what somebody did
    Word(r"non[- ]?complian(t|ce)", "non-compliant", "chose not to; could not"),
    Word(r"DNA['’]?(d|s|ed)|DNA rate", "she DNA'd twice", NOT_ABLE),
    Word(r"fail(s|ed)? to (attend|engage|respond|comply)", "failed to attend", NOT_ABLE),
    Word(r"did not (attend|engage)|didn['’]t attend", "did not attend", NOT_ABLE),
    Word(r"no[- ]shows?", "a no-show", NOT_ABLE),
    Word(r"refus(ed|es|ing) (to engage|support|help)", "refused support", "said no to support"),
    Word(r"disengaged", "has disengaged", "we have not been in touch since"),
    Word(r"attention[- ]seek(ing|ers?)", "attention-seeking", THIS_BEHAVIOUR),
    Word(r"drug[- ]seek(ing|ers?)", "drug-seeking", THIS_BEHAVIOUR),
    Word(r"manipulativ(e|ely)", "manipulative", THIS_BEHAVIOUR),
    Word(r"challenging behaviours?", "challenging behaviour", THIS_BEHAVIOUR),
    Word(r"chaotic", "a chaotic life", "what makes it hard, in plain words"),
    Word(r"commit(s|ted|ting)? suicide", "committed suicide", "died by suicide"),
    Word(r"kicking off|kicked off", "kicked off in A&E", THIS_BEHAVIOUR),
    # how visits and lists are spoken of
    Word(r"(inappropriate|unnecessary|avoidable) (attend\w+|visits?)", "unnecessary visits", "attendances"),
    Word(r"(mis|ab)us(e|es|ed|ing) (of )?(A&E|999|the)", "misuse of A&E", "use"),
    Word(r"burdens?( on)?", "a burden on A&E", "what it costs, with its source"),
    Word(r"(target|hit|watch)[- ]?lists?", "the target list", "cohort list"),
    Word(r"case ?loads? of (people|clients)", "a caseload of people", "caseload"),
    Word(r"targeted (people|clients|individuals)", "targeted individuals", "people on the list"),
    # the end of support
    Word(r"discharg\w*", "Discharged", DOOR),
    Word(r"(case|episode)s? (is |are |was |were )?closed", "case closed", DOOR),
    Word(r"clos(e|ed|ing) (a |the |this |your )?(case|episode)s?", "Close this case", DOOR),
    # what is sent
    Word(r"(an|the|this|each|last|new|every) imports?(?! direction)", "the import failed", "extract"),
]

# (file, what stands there, why it may)
ALLOWED = [
    ("cohorts/pipeline/synonyms.py", "patient", "names that senders give to columns of their files"),
    ("cohorts/pipeline/synonyms.py", "discharge", "a column of ECDS"),
]


def hits(text: str) -> list[tuple[int, str, str]]:
    """Line number, the words found, and what to say instead."""
    plain = re.sub(r"\n[ \t]+", "\n", html.unescape(text).replace("_", " "))
    return [
        (plain.count("\n", 0, match.start()) + 1, match[0], word.say)
        for word in WORDS
        for match in word.found_in(plain)
    ]


def is_allowed(file: str, found: str) -> bool:
    return any(file == path and found.lower().startswith(start) for path, start, _ in ALLOWED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_word_is_one_a_client_could_read(path):
    file = str(path.relative_to(ROOT))
    found = [
        f'{file}:{line}: "{words}". Say: {say}'
        for line, words, say in hits(path.read_text())
        if not is_allowed(file, words)
    ]
    assert found == []


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.example)
def test_a_planted_word_is_found(word):
    one_line = f"<p>We wrote: {word.example}, last week.</p>"
    wrapped = one_line.replace(" ", "\n    ").replace("A&E", "A&amp;E")
    for planted in (one_line, wrapped):
        assert word.say in [say for _, _, say in hits(planted)]


def test_the_line_of_a_word_is_told():
    assert hits("One line.\n  And\n  a no-show") == [(3, "no-show", NOT_ABLE)]


@pytest.mark.parametrize(
    "text",
    [
        "a superuser owns the tables",
        "Outpatient appointments",
        "a regular expression, at regular intervals",
        "the extract was committed",
        "A refused extract stores nothing",
        "Chaos Score",
        "the import direction of the apps",
        "Close the tab; the work goes on",
        "people who declined",
    ],
)
def test_an_innocent_word_is_left_alone(text):
    assert hits(text) == []


def test_every_exception_is_still_needed():
    unused = [
        (path, start)
        for path, start, _ in ALLOWED
        if not any(words.lower().startswith(start) for _, words, _ in hits((ROOT / path).read_text()))
    ]
    assert unused == []
