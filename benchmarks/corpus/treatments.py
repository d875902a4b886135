"""Requests that are not drugs: the words of headings and the treatment ids they state.

Templates hold `{place}` ("right knee"), `{Place}` (the same, capitalised), `{n}` (a number of sessions), `{f}` and
`{w}` (times a week, weeks). Only wordings whose treatment is beyond dispute are used.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ADJUNCTS",
    "EQUIPMENT",
    "IMAGING",
    "JOINT_SURGERY",
    "NERVE_STUDIES",
    "SERVICES",
    "SESSIONS",
    "SESSION_FORMS",
    "SPINE_PROCEDURES",
    "Service",
]


class Service(NamedTuple):
    """A heading's words, its treatment ids, the topic of its rationale, regions and side that the words state."""

    words: str
    treatments: tuple[str, ...]
    topic: str
    regions: tuple[str, ...] = ()
    laterality: str | None = None


# Words with {place}: imaging and what else is done to any region.
IMAGING = (
    (8, Service("MRI of the {place}", ("mri",), "imaging")),
    (5, Service("MRI of the {place} without contrast", ("mri",), "imaging")),
    (2, Service("{Place} MRI", ("mri",), "imaging")),
    (1, Service("MRI (magnetic resonance imaging) of the {place}", ("mri",), "imaging")),
    (1, Service("Open MRI of the {place}, 1.5 Tesla or above", ("mri",), "imaging")),
    (1, Service("MRI of the {place} with and without contrast, qty: 1", ("mri",), "imaging")),
    (1, Service("MR arthrogram of the {place}", ("mr-arthrogram",), "imaging")),
    (2, Service("CT scan of the {place}", ("ct",), "imaging")),
    (3, Service("X-rays of the {place}", ("x-ray",), "imaging")),
    (1, Service("X-ray, {place}, 3 views", ("x-ray",), "imaging")),
    (0.5, Service("Bone scan of the {place}", ("bone-scan",), "imaging")),
    (0.5, Service("CT scan and X-rays of the {place}", ("ct", "x-ray"), "imaging")),
    (0.7, Service("Trigger point injections to the {place}", ("trigger-point-injection",), "injection")),
    (0.7, Service("Home exercise kit for the {place}", ("exercise-equipment",), "equipment")),
    (0.7, Service("Orthopedic surgical consultation for the {place}", ("surgical-consultation",), "visit")),
)

# Words with {place}: a limb.
NERVE_STUDIES = (
    (5, Service("EMG/NCV of the {place}", ("emg", "nerve-conduction-study"), "nerve-study")),
    (3, Service("EMG/NCS of the {place}", ("emg", "nerve-conduction-study"), "nerve-study")),
    (2, Service("EMG of the {place}", ("emg",), "nerve-study")),
    (2, Service("NCV of the {place}", ("nerve-conduction-study",), "nerve-study")),
    (
        1,
        Service(
            "EMG (electromyography)/NCV (nerve conduction velocity) of the {place}",
            ("emg", "nerve-conduction-study"),
            "nerve-study",
        ),
    ),
    (1, Service("Nerve conduction studies of the {place}, quantity 1", ("nerve-conduction-study",), "nerve-study")),
)

# What is given in sessions: name, treatment, topic, whether a place is named.
SESSIONS = (
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

# `{s}` is the name, `{l}` the name in lower case, `{at}` the words for the place or nothing.
SESSION_FORMS = (
    "{s} {n} sessions{at}",
    "{s}, {n} visits{at}",
    "{N} sessions of {l}{at}",
    "{s}{at}, {n} sessions",
    "{N} {l} visits{at}",
    "{s} times {n}{at}",
)

SPINE_PROCEDURES = (
    (4, Service("{Spine} epidural steroid injection at {level}", ("epidural-steroid-injection",), "injection")),
    (2, Service("{Side}transforaminal epidural steroid injection at {level}", ("epidural-steroid-injection",), "injection")),
    (1, Service("{Spine} epidural steroid injection, {level}, under fluoroscopic guidance", ("epidural-steroid-injection",), "injection")),
    (2, Service("{Side}medial branch blocks at {level}", ("facet-joint-injection",), "injection")),
    (1, Service("{Spine} facet joint injections at {level}", ("facet-joint-injection",), "injection")),
    (1, Service("{Side}radiofrequency ablation at {level}", ("radiofrequency-ablation",), "injection")),
    (0.5, Service("{Spine} discogram at {level}", ("discography",), "imaging")),
    (1, Service("{Level} laminectomy and discectomy", ("spine-decompression",), "surgery")),
    (1, Service("{Spine} fusion at {level}", ("spine-fusion",), "surgery")),
)

# `{Side}` is "Right " or "Left "; the regions stand in the row.
JOINT_SURGERY = (
    (3, Service("{Side} shoulder arthroscopy with subacromial decompression and rotator cuff repair", ("arthroscopic-surgery",), "surgery", ("shoulder",))),
    (1, Service("{Side} shoulder arthroscopy, possible biceps tenodesis", ("arthroscopic-surgery",), "surgery", ("shoulder",))),
    (3, Service("{Side} knee arthroscopy with partial medial meniscectomy", ("arthroscopic-surgery",), "surgery", ("knee",))),
    (1, Service("{Side} total knee arthroplasty", ("arthroplasty",), "surgery", ("knee",))),
    (1, Service("{Side} total hip arthroplasty", ("arthroplasty",), "surgery", ("hip",))),
    (1, Service("{Side} wrist carpal tunnel release", ("nerve-release-surgery",), "surgery", ("wrist",))),
    (0.5, Service("{Side} ankle hardware removal", ("hardware-removal",), "surgery", ("ankle",))),
    (1, Service("Platelet-rich plasma injection to the {side} knee", ("platelet-rich-plasma",), "injection", ("knee",))),
    (1, Service("Corticosteroid injection to the {side} shoulder", ("joint-injection",), "injection", ("shoulder",))),
    (0.7, Service("Kenalog 40mg injection to the {side} knee", ("joint-injection", "triamcinolone"), "injection", ("knee",))),
    (0.7, Service("Series of 3 viscosupplementation injections, {side} knee", ("viscosupplementation",), "injection", ("knee",))),
    (1, Service("{Side} wrist splint", ("brace",), "equipment", ("wrist",))),
    (1, Service("{Side} knee brace", ("brace",), "equipment", ("knee",))),
)

EQUIPMENT = (
    Service("TENS unit", ("tens-unit",), "stimulation"),
    Service("TENS unit, 30 day home trial", ("tens-unit",), "stimulation"),
    Service("H-wave unit, purchase", ("h-wave-unit",), "stimulation"),
    Service("Interferential unit, 60 day rental", ("interferential-unit",), "stimulation"),
    Service("Lumbar brace", ("brace",), "equipment", ("lumbar-spine",)),
    Service("Cervical traction unit", ("traction-device",), "equipment", ("neck",)),
    Service("Front wheeled walker", ("mobility-aid",), "equipment"),
    Service("Cane", ("mobility-aid",), "equipment"),
    Service("Orthopedic mattress", ("hospital-bed",), "equipment"),
    Service("Shower chair", ("bath-safety-equipment",), "equipment"),
    Service("Ergonomic chair", ("ergonomic-equipment",), "equipment"),
    Service("Sit-stand desk", ("ergonomic-equipment",), "equipment"),
    Service("Cold therapy unit, 7 day rental", ("cold-therapy-unit",), "equipment"),
)

SERVICES = (
    (6, Service("Urine drug screen", ("urine-drug-test",), "drug-test")),
    (2, Service("Urine drug screen, 12 panel, QTY: 1", ("urine-drug-test",), "drug-test")),
    (3, Service("Functional capacity evaluation", ("functional-capacity-evaluation",), "evaluation")),
    (2, Service("Functional capacity evaluation (FCE)", ("functional-capacity-evaluation",), "evaluation")),
    (3, Service("Pain management consultation", ("pain-management-consultation",), "visit")),
    (2, Service("Neurology consultation", ("specialist-consultation",), "visit")),
    (2, Service("Internal medicine consultation", ("specialist-consultation",), "visit")),
    (3, Service("Follow up visit in 4 weeks", ("office-visit",), "visit")),
    (2, Service("Follow-up office visit", ("office-visit",), "visit")),
    (2, Service("Psychological evaluation", ("psychological-evaluation",), "mental-health")),
    (1, Service("Labs to include: CBC and CMP", ("laboratory-test",), "lab")),
    (1, Service("CBC (complete blood count)", ("laboratory-test",), "lab")),
    (1, Service("Sleep study", ("sleep-study",), "evaluation")),
    (1, Service("Genetic testing for drug metabolism", ("genetic-test",), "lab")),
    (2, Service("Functional restoration program, 80 hours", ("functional-restoration-program",), "program")),
    (1, Service("Work conditioning, 10 sessions", ("work-conditioning",), "program")),
    (1, Service("Weight loss program, 6 months", ("weight-loss-program",), "program")),
    (1, Service("Gym membership, 12 months", ("gym-membership",), "program")),
    (1, Service("Home health aide, 4 hours a day, 5 days a week for 4 weeks", ("home-health-care",), "home")),
    (1, Service("Transportation to and from medical appointments", ("transportation",), "home")),
    (1, Service("Interpreter services", ("interpreter",), "home")),
    (1, Service("Spinal cord stimulator trial", ("spinal-cord-stimulator",), "surgery")),
    (1, Service("Toradol 60mg intramuscular injection", ("ketorolac", "other-injection"), "injection")),
)

# Services that go with an operation, most of them under "Associated surgical service:".
ADJUNCTS = (
    Service("Assistant surgeon", ("assistant-surgeon",), "adjunct"),
    Service("PA assist", ("assistant-surgeon",), "adjunct"),
    Service("Pre-operative medical clearance", ("preoperative-clearance",), "adjunct"),
    Service("Medical clearance", ("preoperative-clearance",), "adjunct"),
    Service("EKG", ("electrocardiogram",), "adjunct"),
    Service("Chest x-ray", ("x-ray",), "adjunct", ("chest",)),
    Service("Labs: CBC", ("laboratory-test",), "adjunct"),
    Service("Pre-operative CMP", ("laboratory-test",), "adjunct"),
    Service("Cold therapy unit, 14 day rental", ("cold-therapy-unit",), "adjunct"),
    Service("Shoulder sling", ("sling",), "adjunct", ("shoulder",)),
    Service("Crutches, purchase", ("mobility-aid",), "adjunct"),
    Service("Post-operative physical therapy 12 sessions", ("physical-therapy",), "adjunct"),
    Service("Continuous passive motion device, 21 day rental", ("continuous-passive-motion",), "adjunct"),
    Service("DVT compression device rental", ("compression-device",), "adjunct"),
)
