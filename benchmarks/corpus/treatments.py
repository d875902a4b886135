"""Requests that are not drugs: the words of headings and the treatment ids they state.

Templates hold `{place}` ("right knee"), `{Place}` (the same, capitalised), `{Spine}` and `{level}` ("Lumbar", "L4-5"),
`{side}` and `{Side}`. Only wordings whose treatment is beyond dispute are used.
"""

from __future__ import annotations

from typing import NamedTuple

from .chance import cumulative
from .tables import cells, names, rows

__all__ = [
    "ADJUNCTS",
    "EQUIPMENT",
    "IMAGING",
    "JOINT_CARE",
    "NERVE_STUDIES",
    "SERVICES",
    "SESSIONS",
    "SESSION_FORMS",
    "SPINE_PROCEDURES",
    "Service",
]


class Service(NamedTuple):
    """A heading's words, its treatment ids, the topic of its rationale, and the regions that the words state."""

    words: str
    treatments: tuple[str, ...]
    topic: str
    regions: tuple[str, ...] = ()


def _service(parts: list[str]) -> Service:
    return Service(parts[0], tuple(sorted(names(parts[1]))), parts[2], names(parts[3]) if parts[3:] else ())


def _services(block: str) -> tuple[Service, ...]:
    return tuple(_service(cells(row)) for row in rows(block))


def _weighted(block: str) -> tuple[tuple[float, Service], ...]:
    """Rows that begin with a weight, ready for `Chance.weighted`."""
    parted = [cells(row) for row in rows(block)]
    return cumulative([(float(parts[0]), _service(parts[1:])) for parts in parted])


# Words with {place}: imaging, and what else is done to any region.
IMAGING = _weighted("""
8 | MRI of the {place} | mri | imaging
5 | MRI of the {place} without contrast | mri | imaging
2 | {Place} MRI | mri | imaging
1 | MRI (magnetic resonance imaging) of the {place} | mri | imaging
1 | Open MRI of the {place}, 1.5 Tesla or above | mri | imaging
1 | MRI of the {place} with and without contrast, qty: 1 | mri | imaging
1 | MR arthrogram of the {place} | mr-arthrogram | imaging
2 | CT scan of the {place} | ct | imaging
3 | X-rays of the {place} | x-ray | imaging
1 | X-ray, {place}, 3 views | x-ray | imaging
0.5 | Bone scan of the {place} | bone-scan | imaging
0.5 | CT scan and X-rays of the {place} | ct; x-ray | imaging
0.7 | Trigger point injections to the {place} | trigger-point-injection | injection
0.7 | Home exercise kit for the {place} | exercise-equipment | equipment
0.7 | Orthopedic surgical consultation for the {place} | surgical-consultation | visit
""")

# Words with {place}: a limb.
NERVE_STUDIES = _weighted("""
5 | EMG/NCV of the {place} | emg; nerve-conduction-study | nerve-study
3 | EMG/NCS of the {place} | emg; nerve-conduction-study | nerve-study
2 | EMG of the {place} | emg | nerve-study
2 | NCV of the {place} | nerve-conduction-study | nerve-study
1 | EMG (electromyography)/NCV (nerve conduction velocity) of the {place} | emg; nerve-conduction-study |
    nerve-study
1 | Nerve conduction studies of the {place}, quantity 1 | nerve-conduction-study | nerve-study
""")

# Words with {Spine} and {level}; {Side} is "Right ", "Left ", "Bilateral " or nothing.
SPINE_PROCEDURES = _weighted("""
4 | {Spine} epidural steroid injection at {level} | epidural-steroid-injection | injection
2 | {Side}transforaminal epidural steroid injection at {level} | epidural-steroid-injection | injection
1 | {Spine} epidural steroid injection, {level}, under fluoroscopic guidance | epidural-steroid-injection |
    injection
2 | {Side}medial branch blocks at {level} | facet-joint-injection | injection
1 | {Spine} facet joint injections at {level} | facet-joint-injection | injection
1 | {Side}radiofrequency ablation at {level} | radiofrequency-ablation | injection
0.5 | {Spine} discogram at {level} | discography | imaging
1 | {Level} laminectomy and discectomy | spine-decompression | surgery
1 | {Spine} fusion at {level} | spine-fusion | surgery
""")

# Words with a side; the regions stand in the row.
JOINT_CARE = _weighted("""
3 | {Side} shoulder arthroscopy with subacromial decompression and rotator cuff repair | arthroscopic-surgery |
    surgery | shoulder
1 | {Side} shoulder arthroscopy, possible biceps tenodesis | arthroscopic-surgery | surgery | shoulder
3 | {Side} knee arthroscopy with partial medial meniscectomy | arthroscopic-surgery | surgery | knee
1 | {Side} total knee arthroplasty | arthroplasty | surgery | knee
1 | {Side} total hip arthroplasty | arthroplasty | surgery | hip
1 | {Side} wrist carpal tunnel release | nerve-release-surgery | surgery | wrist
0.5 | {Side} ankle hardware removal | hardware-removal | surgery | ankle
1 | Platelet-rich plasma injection to the {side} knee | platelet-rich-plasma | injection | knee
1 | Corticosteroid injection to the {side} shoulder | joint-injection | injection | shoulder
0.7 | Kenalog 40mg injection to the {side} knee | joint-injection; triamcinolone | injection | knee
0.7 | Series of 3 viscosupplementation injections, {side} knee | viscosupplementation | injection | knee
1 | {Side} wrist splint | brace | equipment | wrist
1 | {Side} knee brace | brace | equipment | knee
""")

SERVICES = _weighted("""
6 | Urine drug screen | urine-drug-test | drug-test
2 | Urine drug screen, 12 panel, QTY: 1 | urine-drug-test | drug-test
3 | Functional capacity evaluation | functional-capacity-evaluation | evaluation
2 | Functional capacity evaluation (FCE) | functional-capacity-evaluation | evaluation
3 | Pain management consultation | pain-management-consultation | visit
2 | Neurology consultation | specialist-consultation | visit
2 | Internal medicine consultation | specialist-consultation | visit
3 | Follow up visit in 4 weeks | office-visit | visit
2 | Follow-up office visit | office-visit | visit
2 | Psychological evaluation | psychological-evaluation | mental-health
1 | Labs to include: CBC and CMP | laboratory-test | lab
1 | CBC (complete blood count) | laboratory-test | lab
1 | Sleep study | sleep-study | evaluation
1 | Genetic testing for drug metabolism | genetic-test | lab
2 | Functional restoration program, 80 hours | functional-restoration-program | program
1 | Work conditioning, 10 sessions | work-conditioning | program
1 | Weight loss program, 6 months | weight-loss-program | program
1 | Gym membership, 12 months | gym-membership | program
1 | Home health aide, 4 hours a day, 5 days a week for 4 weeks | home-health-care | home
1 | Transportation to and from medical appointments | transportation | home
1 | Interpreter services | interpreter | home
1 | Spinal cord stimulator trial | spinal-cord-stimulator | surgery
1 | Toradol 60mg intramuscular injection | ketorolac; other-injection | injection
""")

EQUIPMENT = _services("""
TENS unit | tens-unit | stimulation
TENS unit, 30 day home trial | tens-unit | stimulation
H-wave unit, purchase | h-wave-unit | stimulation
Interferential unit, 60 day rental | interferential-unit | stimulation
Lumbar brace | brace | equipment | lumbar-spine
Cervical traction unit | traction-device | equipment | neck
Front wheeled walker | mobility-aid | equipment
Cane | mobility-aid | equipment
Orthopedic mattress | hospital-bed | equipment
Shower chair | bath-safety-equipment | equipment
Ergonomic chair | ergonomic-equipment | equipment
Sit-stand desk | ergonomic-equipment | equipment
Cold therapy unit, 7 day rental | cold-therapy-unit | equipment
""")

# Services that go with an operation, most of them under "Associated surgical service:".
ADJUNCTS = _services("""
Assistant surgeon | assistant-surgeon | adjunct
PA assist | assistant-surgeon | adjunct
Pre-operative medical clearance | preoperative-clearance | adjunct
Medical clearance | preoperative-clearance | adjunct
EKG | electrocardiogram | adjunct
Chest x-ray | x-ray | adjunct | chest
Labs: CBC | laboratory-test | adjunct
Pre-operative CMP | laboratory-test | adjunct
Cold therapy unit, 14 day rental | cold-therapy-unit | adjunct
Shoulder sling | sling | adjunct | shoulder
Crutches, purchase | mobility-aid | adjunct
Post-operative physical therapy 12 sessions | physical-therapy | adjunct
Continuous passive motion device, 21 day rental | continuous-passive-motion | adjunct
DVT compression device rental | compression-device | adjunct
""")

# What is given in sessions: name, treatment, topic, whether a place is named.
SESSIONS = cumulative(
    (
        (9, ("Physical therapy", "physical-therapy", "therapy", True)),
        (4, ("Acupuncture", "acupuncture", "acupuncture", True)),
        (2, ("Chiropractic treatment", "chiropractic-manipulation", "manipulation", True)),
        (2, ("Chiropractic manipulation", "chiropractic-manipulation", "manipulation", True)),
        (1, ("Occupational therapy", "occupational-therapy", "therapy", True)),
        (1, ("Aquatic therapy", "aquatic-therapy", "therapy", True)),
        (1, ("Massage therapy", "massage-therapy", "therapy", True)),
        (0.6, ("Extracorporeal shockwave therapy", "shockwave-therapy", "therapy", True)),
        (0.8, ("Cognitive behavioral therapy", "psychotherapy", "mental-health", False)),
        (0.5, ("Biofeedback", "biofeedback", "mental-health", False)),
        (0.5, ("Individual psychotherapy", "psychotherapy", "mental-health", False)),
    )
)

# `{s}` is the name, `{l}` the name in lower case, `{at}` the words for the place or nothing.
SESSION_FORMS = (
    "{s} {n} sessions{at}",
    "{s}, {n} visits{at}",
    "{N} sessions of {l}{at}",
    "{s}{at}, {n} sessions",
    "{N} {l} visits{at}",
    "{s} times {n}{at}",
)
