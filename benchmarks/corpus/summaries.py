"""Clinical case summaries: invented histories, with the age, sex and injury date that the record states."""

from __future__ import annotations

from datetime import date
from typing import Any

from .chance import Chance, cumulative
from .tables import rows

__all__ = ["Summary", "dated", "summary"]

Summary = tuple[str, dict[str, Any]]  # the words, and the patient of the record

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

# How the sex can be known: by the noun, by pronouns only, not at all, or not for pronouns that disagree.
_SEX_SHOWN = cumulative(((93, "noun"), (4, "pronoun"), (2, "hidden"), (1, "mixed")))
_OPENINGS = rows("""
The injured worker is a {age} year old {noun} who was hurt at work on {injury}.
This is a {age}-year-old {noun} with a work injury of {injury}.
The applicant is a {age}-year-old {noun} who filed a claim for pain said to follow an industrial injury of
    {injury}.
The patient is a {age} year-old {noun} with a date of injury of {injury}.
A now {age}-year-old {noun} reports an occupational injury that took place on {injury}.
The records describe a {age}-year old {noun} injured on {injury}.
""")
_AGELESS = ("The injured worker is {an} adult {noun} who was injured on {injury}.",)
_MECHANISMS = rows("""
The mechanism was a fall from a ladder of {a} feet.
The injury happened while lifting a box of about {b} pounds.
The mechanism of injury is cumulative trauma from keyboard work over {a} years.
A pallet jack struck the leg of {who}.
The vehicle {who} drove was hit from behind at about {b} miles an hour.
The mechanism of injury was not recorded.
{Who} slipped on a wet floor while employed by  {cut}.
{Who} was pulling a cart at work for  , and felt a pop.
The onset followed {a} weeks of overhead work.
{Who} was pushed against a wall by a client.
""")
_COMPLAINTS = rows("""
On {day}, {who} complained of {region} pain rated {p} out of 10.
The note of {day} records {quality} {region} pain, {p}/10 with and {q}/10 without medication.
{Who} reports {quality} {region} pain with numbness of the fingers.
There are complaints of {region} pain that is worse with sitting beyond {b} minutes.
Sleep is interrupted {a} times a night by {region} pain.
As of {day}, {region} pain limits walking to {b} minutes.
Symptoms in the {region} are said to be {a}0% better since the last visit.
""")
_FINDINGS = rows("""
Examination of the {region} showed tenderness, spasm and flexion to {b}°.
Range of motion of the {region} was limited by {b}%.
Motor strength was {a}/5 and reflexes were equal on both sides.
Straight leg raising was negative at {b} degrees.
Sensation was decreased over the lateral forearm; Spurling’s test was negative.
Gait was normal and there was no atrophy.
There was a positive impingement sign and weakness of abduction.
The {region} was tender to palpation, with trigger points that twitched.
Grip strength was {b} pounds on the right and {c} pounds on the left.
No focal neurological deficit was found on {day}.
""")
_STUDIES = rows("""
An MRI of {day} showed a {a} mm protrusion without nerve root contact.
X-rays of {day} were read as normal.
Electrodiagnostic studies of {day} were consistent with mild carpal tunnel syndrome.
No imaging report was among the records.
A prior MRI ({day}) described degenerative changes at {a} levels.
Laboratory values of {day} were within normal limits.
""")
_TREATMENTS = rows("""
Treatment to date has included {b} visits of therapy, rest, ice and medication.
{Who} has tried home exercise, a brace and modified duty for {a} weeks.
Previous care consisted of {a} injections with short-term relief and activity modification.
Conservative care so far: anti-inflammatory drugs, {b} physical therapy visits and acupuncture.
Medications include naproxen, tramadol and omeprazole.
The current work status is modified duty with a {b} pound limit.
Surgery was performed on {day}, followed by {b} sessions of post-operative care.
{Who} takes ibuprofen as needed and stopped gabapentin on {day}.
""")
_DIAGNOSES = rows("""
Diagnoses are {region} sprain/strain, myofascial pain and insomnia.
The working diagnosis is {region} radiculitis.
The diagnoses were listed as pain in the {region}, contusion, and anxiety.
Assessment: chronic {region} pain, rule out internal derangement.
""")
_PRONOUNS = rows("""
{He} wants to return to full duty.
{He} denies bowel or bladder changes.
{He} states that rest helps for {a} hours.
{He} lives alone and cooks for {him}self.
{His} pain medication was last filled on {day}.
""")
_PLANS = rows("""
The plan was to continue the current regimen and to seek authorization for {request}.
A request for authorization of {day} asked for {request}.
The treating provider requested {request}.
The provider recommends {request} and a visit in {a} weeks.
""")
_REVIEWS = rows("""
On {denied}, utilization review found that {request} was not medically necessary.
The request was non-certified on {denied} for lack of functional improvement.
Utilization review of {denied} denied or modified the request.
The {denied} determination did not certify the request, citing guidelines.
A utilization review report dated {denied} denied {request}; an earlier appeal was Overturned: the reason is not
    given.
""")
_QUALITIES = ("burning", "constant", "dull", "sharp", "intermittent", "radiating", "aching", "moderate")
_REGIONS = (
    "low back",
    "neck",
    "right shoulder",
    "left knee",
    "right wrist",
    "left ankle",
    "mid back",
    "left hip",
    "right elbow",
)


def dated(chance: Chance, day: date) -> str:
    """Return a date in one of the ways the prose of letters writes it."""
    kind = int(chance.random() * 5)
    if kind == 0:
        return f"{day.month}-{day.day}-{day.year % 100:02}"
    if kind == 1:
        return f"{day.month}/{day.day}/{day.year % 100:02}"
    if kind == 2:
        return f"{day.month:02}/{day.day:02}/{day.year}"
    if kind == 3:
        return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
    return f"{day.month}-{day.day}-{day.year}"


def summary(chance: Chance, injury: date, denied: date, requests: list[str]) -> Summary:
    """Return a clinical case summary of about 2,000 characters and the patient it states."""
    sex = chance.pick(("female", "male"))
    shown = chance.weighted(_SEX_SHOWN)
    age: int | None = chance.between(19, 71) if chance.happens(0.995) else None
    patient = {"age": age, "sex": sex if shown in ("noun", "pronoun") else None}
    noun = sex if shown == "noun" else chance.pick(("patient", "employee", "worker"))
    opening = chance.pick(_OPENINGS if age else _AGELESS)
    who = chance.pick(("the patient", "the injured worker", "the applicant"))
    values: dict[str, Any] = {
        "age": age, "noun": noun, "an": "an", "injury": dated(chance, injury), "denied": dated(chance, denied),
        "who": who, "Who": who.capitalize(), "request": ", ".join(requests[:3]), "cut": "\n",
    }  # fmt: skip
    sentences = [opening.format_map(values)]
    plan = [(_MECHANISMS, 1), (_COMPLAINTS, 4), (_DIAGNOSES, 1), (_FINDINGS, 7), (_STUDIES, 3), (_TREATMENTS, 5)]
    days = max((denied - injury).days, 1)
    for table, most in plan:
        for template in chance.several(table, chance.between(most // 2 + 1, most + 1)):
            _fill_slots(chance, values, injury, days)
            sentences.append(template.format_map(values))
    if shown in ("pronoun", "mixed") or (shown == "noun" and chance.happens(0.7)):
        sexes = (sex, "male" if sex == "female" else "female") if shown == "mixed" else (sex, sex)
        for template, one in zip(chance.several(_PRONOUNS, 2), sexes, strict=True):
            _fill_slots(chance, values, injury, days)
            values["He"], values["His"], values["him"] = (
                ("She", "Her", "her") if one == "female" else ("He", "His", "him")
            )
            sentences.append(template.format_map(values))
    for table in (_PLANS, _REVIEWS):
        _fill_slots(chance, values, injury, days)
        sentences.append(chance.pick(table).format_map(values))
    gap = "  " if chance.happens(0.2) else " "
    return gap.join(sentences), patient


def _fill_slots(chance: Chance, values: dict[str, Any], injury: date, days: int) -> None:
    values["a"], values["b"], values["c"] = chance.between(2, 5), chance.between(6, 60), chance.between(20, 80)
    values["p"], values["q"] = chance.between(3, 6), chance.between(7, 10)
    values["day"] = dated(chance, date.fromordinal(injury.toordinal() + chance.between(0, days)))
    values["region"], values["quality"] = chance.pick(_REGIONS), chance.pick(_QUALITIES)
