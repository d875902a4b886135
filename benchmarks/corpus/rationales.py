"""Decision rationales: invented reasoning by topic, with every wording of the verdict that letters use.

A sentence that states why the decision was so stands behind the id of its reason; one that two careful readers could
take differently has a question mark there. A reason counts only where it speaks for the decision given.

The character U+0001 stands for a space at which lines never break: it keeps words that look like a label away from
the start of a line, where they would be one.
"""

from __future__ import annotations

from typing import NamedTuple

from .chance import Chance, cumulative
from .forms import Heading
from .tables import cells, names, rows

__all__ = ["Rationale", "ancillary", "rationale"]


class Rationale(NamedTuple):
    """The paragraphs of a rationale; its reasons as (id, words); ids that could be read differently."""

    paragraphs: list[str]
    reasons: list[tuple[str, str]]
    ambiguous: list[str]


def _weighted(block: str) -> tuple[tuple[float, str], ...]:
    return cumulative([(float(weight), words) for weight, words in map(cells, rows(block))])


_OPENINGS = rows("""
The guidelines that were reviewed set conditions for {subject}.
Per the cited guideline, {subject} is an option only when conditions on page {b} are met.
{Subject} is addressed by the treatment schedule.
The schedule speaks to {subject} under the section named above.
The current request is for {request}.
With respect to {subject}, the evidence is graded as {grade}.
Regarding the request for {request}, the reviewer considered the schedule first and other guidelines second.
""")
_POINTS: dict[str, tuple[str, ...]] = {
    "test": rows("""
Such studies are supported where red flags are present or where findings persist beyond {a} weeks of care.
A study that does not change the plan of treatment adds cost and no benefit.
Physiological evidence of tissue insult or nerve impairment is one of the criteria.
In the absence of a neurological deficit, false positive findings are common after the age of {b}.
Plain films come first; further studies follow when an operation is considered.
Repeat testing calls for a significant change in symptoms.
"""),
    "care": rows("""
Active care is favoured over passive modalities, and the frequency fades from {a} visits a week to one or fewer.
A trial of {a} to {b} visits is supported; further visits depend on measured gains in function.
The schedule expects that skills learned in the clinic are continued at home.
Time to produce an effect is put at {a} to 6 visits.
lacks-request-details? | The number of visits already completed was not stated.
exceeds-recommended-amount | The request goes beyond the {b} visits that the table recommends for this diagnosis.
"""),
    "procedure": rows("""
Radiculopathy must be documented on examination and corroborated by imaging.
At least {b}% relief for six to eight weeks is required before a repeat.
No more than {a} levels are to be treated in one session.
Failure of conservative care for {a} months is a precondition.
Imaging has to show a lesion that benefits from repair in the short and the long term.
"""),
    "drug": rows("""
This class of medication is recommended at the lowest effective dose for the shortest time.
Long-term use is not advised because benefit beyond {a} weeks is unproven.
Ongoing use depends on documented pain relief, function, side effects and behaviour.
Drug combinations of this kind raise the risk of sedation.
lacks-rationale? | The dose of {b} mg a day was not explained, and no attempt at tapering is on file.
A second-line agent is considered when a first-line agent failed or was not tolerated.
"""),
    "topical": rows("""
insufficient-evidence? | Topical agents are largely experimental, with few controlled trials.
compound-ingredient? | A compound that holds one ingredient which is not recommended is not recommended as a whole.
lacks-failed-first-line-drug | There is no evidence that the oral form was not tolerated.
lacks-neurological-findings? | The peripheral pain is not shown to be neuropathic.
"""),
    "support": rows("""
Equipment is covered when it serves a medical purpose and is not useful without illness or injury.
lacks-functional-improvement? | Relief was not measured after the first {a} weeks of a home trial.
lacks-request-details? | The length of rental and the goals of use were left open.
Consultation is warranted when a diagnosis is uncertain or psychosocial factors are present.
The service would need to be provided by a licensed person for {b} hours a week or less.
"""),
}
_KIND = {
    topic: kind
    for kind, topics in (
        ("test", "imaging; nerve-study; drug-test; lab; evaluation"),
        ("care", "therapy; acupuncture; manipulation; mental-health; program"),
        ("procedure", "injection; surgery; adjunct"),
        ("topical", "topical; compound"),
        ("support", "equipment; stimulation; visit; home"),
    )
    for topic in names(topics)
}
_FACTS = rows("""
In this case, pain of {a}/10 is recorded after {b} visits.
The progress note of the last visit lists {quality} symptoms and a normal gait.
The patient has used it for {b} weeks.
lacks-functional-improvement? | Work status did not change over {a} months.
The records span {b} pages and contain {a} progress notes.
An earlier decision on a like request is on file; the prior request was: Upheld on appeal in a separate matter.
The reviewer was told that an adjacent request was Overturned: it concerned a different body part.
A handwritten note quotes the words "see\u0001MAXIMUS\u0001guideline:\u0001section {a}" without more.
One letter from the insurer mentions its own "Claims\u0001Administrator\u0001guideline:" and gives none.
shows-supporting-findings? | The examination found {quality} tenderness and flexion of {b}°.
Non-adherence is not suspected and self-care is in place.
There is evidence of follow-up with a long-term, well-known provider.
The injured worker had {a} of {b} sessions before the flare-up.
Pain-related dysfunction was scored {b} on a 60-point scale.
""")
_AGAINST = rows("""
lacks-functional-improvement | There is no documentation of functional improvement with prior care.
lacks-indication? | The records do not show a condition that the guideline requires.
lacks-rationale | The rationale for the request was not provided.
lacks-indication? | Objective findings that would support it are lacking.
lacks-exceptional-factors | No exceptional factors were noted that would justify care outside the guideline.
exceeds-recommended-amount | The quantity exceeds what is supported.
""")
_FOR = rows("""
meets-guideline-criteria | The criteria of the guideline are met.
shows-failed-conservative-care | Conservative care was completed and failed, as the guideline asks.
within-recommended-amount | The quantity is within the recommended range.
shows-supporting-findings | The findings are new and explain the request.
shows-functional-improvement | Measured gains in strength and motion were recorded after each visit.
""")
_NOT_NECESSARY = _weighted("""
30 | As such, the request is not medically necessary.
12 | Therefore, the request for {request} is not medically necessary.
8 | The request is not medically necessary and appropriate.
4 | Medical necessity is not established.
4 | Therefore, {request} is determined to not be medically necessary.
3 | Accordingly, the request is not seen as medically necessary.
3 | The request does not appear medically necessary.
2 | It is not a medical necessity to the patient at this time.
3 | Without such evidence, the request cannot be considered medically necessary.
3 | Hence the request is not supported by the guideline.
2 | The medical necessity of this request has not been established.
2 | Thus, the request is considered not medically necessary.
1 | Recommendation is that the request is not-medically necessary.
""")
_NECESSARY = _weighted("""
20 | As such, the request is medically necessary.
10 | Therefore, {request} is medically necessary.
4 | The request is medically necessary and appropriate.
4 | Medical necessity is established.
3 | For these reasons, the request was medically necessary.
2 | The request is supported by the guideline and appears medically necessary.
""")
_WEANING = rows("""
The treating physician is referred to the tapering section of the schedule and, if necessary, other relevant
    guidelines, for a safe way of weaning this patient.
As sudden withdrawal can do harm, a plan for weaning should be made, if necessary with the help of other
    guidelines.
""")
_ANCILLARY = {
    "upheld": rows("""
depends-on-denied-service | Because the operation in question is not medically necessary, this service, which depends
    on it, is not medically necessary either.
depends-on-denied-service | Since the primary procedure is not medically necessary, none of the associated services
    are medically necessary.
"""),
    "overturned": rows("""
belongs-to-approved-service | As the operation is medically necessary, this customary associated service is medically
    necessary as well.
belongs-to-approved-service | The service goes with an operation that was found necessary; it is medically necessary.
"""),
}
_SPEAKING_FOR = ("meets-", "shows-", "within-", "belongs-", "needs-", "changes-")
_GRADES = ("limited", "moderate", "insufficient", "conflicting", "strong")
_QUALITIES = ("mild", "diffuse", "focal", "unchanged", "moderate", "occasional")
_SUBJECTS = {
    "nerve-study": "electrodiagnostic testing",
    "drug-test": "drug screening",
    "ppi": "acid suppression",
    "nsaid": "anti-inflammatory medication",
    "relaxant": "a muscle relaxant",
    "opioid": "opioid treatment",
    "therapy": "supervised therapy",
    "mental-health": "behavioural care",
    "lab": "laboratory work",
    "home": "support at home",
    "stimulation": "electrical stimulation",
    "visit": "a consultation",
    "adjunct": "peri-operative care",
    "compound": "a compound",
}


def ancillary(chance: Chance, decision: str) -> Rationale:
    """Return the short rationale that all associated services of one letter share."""
    reason, sentence = _reason_and_sentence(chance.pick(_ANCILLARY[decision]))
    return _explained([sentence], [(reason, sentence)], decision)


def _reason_and_sentence(row: str) -> tuple[str, str]:
    """Return the id of a row's reason, or an empty one, and its sentence."""
    reason, parted, sentence = row.partition(" | ")
    return (reason, sentence) if parted else ("", row)


def _explained(paragraphs: list[str], sentences: list[tuple[str, str]], decision: str) -> Rationale:
    """Return a rationale with the reasons of its sentences that speak for the decision, each once."""
    speaking = [(reason, words) for reason, words in sentences if reason and _speaks_for(reason, decision)]
    reasons = {reason: words for reason, words in reversed(speaking) if not reason.endswith("?")}
    ambiguous = {reason.rstrip("?") for reason, _ in sentences if reason} - set(reasons)
    return Rationale(paragraphs, list(reasons.items())[::-1], sorted(ambiguous))


def _speaks_for(reason: str, decision: str) -> bool:
    return reason.startswith(_SPEAKING_FOR) == (decision == "overturned")


def rationale(chance: Chance, heading: Heading, decision: str) -> Rationale:
    """Return one rationale, its paragraphs about 900 characters together; the verdict ends the first or second."""
    subject = _SUBJECTS.get(heading.topic) or heading.topic.replace("-", " ")
    values = {"request": heading.service, "subject": subject, "Subject": subject.capitalize()}
    upheld = decision == "upheld"
    points = _POINTS[_KIND.get(heading.topic, "drug")]
    templates = [chance.pick(_OPENINGS), *chance.several(points, chance.between(2, 5))]
    split = len(templates) if chance.happens(0.08) else 0
    templates += chance.several(_FACTS, chance.between(3, 7))
    templates += chance.several(_AGAINST if upheld else _FOR, chance.between(1, 3))
    templates.append(chance.weighted(_NOT_NECESSARY if upheld else _NECESSARY))
    sentences = []
    for reason, template in map(_reason_and_sentence, templates):
        values["a"], values["b"] = str(chance.between(2, 5)), str(chance.between(6, 48))
        values["grade"], values["quality"] = chance.pick(_GRADES), chance.pick(_QUALITIES)
        sentences.append((reason, template.format_map(values)))
    parts = [sentences[:split], sentences[split:]] if split else [sentences]
    paragraphs = [" ".join(words for _, words in part) for part in parts]
    if upheld and heading.topic in ("opioid", "benzodiazepine") and chance.happens(0.2):
        paragraphs.append(chance.pick(_WEANING))
    return _explained(paragraphs, sentences, decision)
