"""Guidelines as letters print them: names, years, chapters, sections, pages, topics; each with its vocabulary id."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ACOEM_2004",
    "ACOEM_TOPICS",
    "ACOEM_TODAY",
    "OTHER_WORKS",
    "SECTIONS_2004",
    "SECTIONS_TODAY",
    "TOPICS",
    "Chapter",
    "Topic",
    "Work",
]


class Chapter(NamedTuple):
    """A chapter of ACOEM 2004 in the MTUS: printed name, year, number, id, and pages that older letters cite."""

    name: str
    year: int
    number: int
    id: str
    pages: tuple[str, ...]


_NECK = Chapter("Neck and Upper Back Complaints", 2004, 8, "acoem-neck-and-upper-back-complaints-2004", ("178", "177-179", "182"))
_SHOULDER = Chapter("Shoulder Complaints", 2004, 9, "acoem-shoulder-complaints-2004", ("207-209", "211", "214"))
_ELBOW = Chapter("Elbow Complaints", 2007, 10, "acoem-elbow-complaints-2007", ("33-34", "42"))
_HAND = Chapter("Forearm, Wrist, and Hand Complaints", 2004, 11, "acoem-forearm-wrist-and-hand-complaints-2004", ("261", "268-270", "272"))
_BACK = Chapter("Low Back Complaints", 2004, 12, "acoem-low-back-complaints-2004", ("303-305", "304", "287, 289", "300-301"))
_KNEE = Chapter("Knee Complaints", 2004, 13, "acoem-knee-complaints-2004", ("341-343", "344-345", "336"))
_ANKLE = Chapter("Ankle and Foot Complaints", 2004, 14, "acoem-ankle-and-foot-complaints-2004", ("372-374", "370"))

ACOEM_2004 = {
    "neck": _NECK, "thoracic-spine": _NECK, "shoulder": _SHOULDER, "elbow": _ELBOW, "forearm": _HAND, "wrist": _HAND,
    "hand": _HAND, "upper-extremity": _NECK, "lumbar-spine": _BACK, "lower-extremity": _BACK, "hip": _BACK,
    "knee": _KNEE, "ankle": _ANKLE, "foot": _ANKLE,
}  # fmt: skip

SECTIONS_2004 = (
    "Special Studies", "Special Studies", "Special Studies", "Initial Care", "Physical Methods", "Summary",
    "Surgical Considerations", "Diagnostic Criteria", "Activity Modification", "Work-Relatedness", "Follow-up Visits",
    "General Approach", "Recommendations", "Inital Care", "Diagnositc Criteria",
)  # fmt: skip

# From 2017-12 on: printed name and (year, first decision year that cites it, id), by region.
ACOEM_TODAY: dict[str, tuple[str, tuple[tuple[int, int, str], ...]]] = {
    "neck": ("Cervical and Thoracic Spine Disorders", ((2016, 2018, "acoem-cervical-and-thoracic-spine-disorders-2016"), (2018, 2020, "acoem-cervical-and-thoracic-spine-disorders-2018"))),
    "shoulder": ("Shoulder Disorders", ((2016, 2018, "acoem-shoulder-disorders-2016"),)),
    "elbow": ("Elbow Disorders", ((2013, 2018, "acoem-elbow-disorders-2013"), (2018, 2020, "acoem-elbow-disorders-2018"))),
    "hand": ("Hand, Wrist, and Forearm Disorders", ((2016, 2018, "acoem-hand-wrist-and-forearm-disorders-2016"), (2019, 2020, "acoem-hand-wrist-and-forearm-disorders-2019"))),
    "lumbar-spine": ("Low Back Disorders", ((2016, 2018, "acoem-low-back-disorders-2016"), (2019, 2020, "acoem-low-back-disorders-2019"), (2020, 2022, "acoem-low-back-disorders-2020"))),
    "knee": ("Knee Disorders", ((2015, 2018, "acoem-knee-disorders-2015"), (2019, 2021, "acoem-knee-disorders-2019"))),
    "ankle": ("Ankle and Foot Disorders", ((2015, 2018, "acoem-ankle-and-foot-disorders-2015"), (2018, 2020, "acoem-ankle-and-foot-disorders-2018"))),
    "hip": ("Hip and Groin", ((2011, 2018, "acoem-hip-and-groin-2011"),)),
    "head": ("Traumatic Brain Injury", ((2017, 2019, "acoem-traumatic-brain-injury-2017"),)),
    "pain": ("Chronic Pain", ((2017, 2018, "acoem-chronic-pain-2017"),)),
    "opioids": ("Opioids", ((2017, 2018, "acoem-opioids-2017"),)),
    "initial": ("Initial Approaches to Treatment", ((2017, 2018, "acoem-initial-approaches-to-treatment-2017"),)),
    "mind": ("Workplace Mental Health: Depressive Disorders", ((2020, 2021, "acoem-depressive-disorders-2020"),)),
    "anxiety": ("Workplace Mental Health: Anxiety Disorders", ((2021, 2022, "acoem-anxiety-disorders-2021"),)),
    "lungs": ("Occupational/Work-Related Asthma", ((2016, 2018, "acoem-occupational-asthma-2016"), (2020, 2021, "acoem-occupational-asthma-2020"))),
}  # fmt: skip

SECTIONS_TODAY = (
    "Diagnostic Recommendations", "Treatment Recommendations", "Imaging", "Magnetic Resonance Imaging", "Medications",
    "Rehabilitation", "Exercise", "Injections", "Surgery", "Activity Modification", "Summary of Recommendations",
)  # fmt: skip


class Topic(NamedTuple):
    """What guidelines call the subject of a request.

    `sections` of Chronic Pain Medical Treatment 2016, (topic, pages) of its 2009 edition, topics of ODG chapters.
    """

    sections: tuple[str, ...]
    pages_2009: tuple[tuple[str, str], ...]
    odg: tuple[str, ...]
    odg_chapter: str | None = None


_PHYSICAL = Topic(("Physical medicine treatment",), (("Physical Medicine", "98-99"), ("", "99")), ("Physical therapy", "Physical Therapy"))
_IMAGING = Topic(("Introduction",), (("", "7"),), ("MRI (magnetic resonance imaging)", "MRIs (magnetic resonance imaging)", "MRI", "X-Ray", "Indications for imaging-Magnetic resonance imaging"))
_VISIT = Topic(("Office visits",), (("Introduction", "1"),), ("Office visits",), "Pain")

TOPICS = {
    "imaging": _IMAGING,
    "nerve-study": Topic(("Electrodiagnostic testing (EMG/NCS)",), (("", "7"),), ("Electrodiagnostic testing (EMG/NCS)", "Electrodiagnostic Studies (EDS)", "Nerve conduction studies (NCS)")),
    "therapy": _PHYSICAL,
    "acupuncture": Topic(("Introduction",), (("", "13"),), ("Acupuncture",)),
    "manipulation": Topic(("Manual therapy & manipulation",), (("Manual therapy & manipulation", "58-60"), ("Chiropractic Treatment", "58")), ("Manipulation", "Chiropractic")),
    "injection": Topic(("Epidural steroid injections (ESIs)", "Trigger point injections (TPIs)"), (("Epidural Steroid Injections", "46"), ("Epidural steroid injections (ESIs)", "46"), ("", "46"), ("Trigger point injections", "122")), ("Facet joint diagnostic blocks (injections)", "Corticosteroid injections")),
    "surgery": Topic(("Introduction",), (("", "105-107"),), ("Surgical assistant", "Arthroscopy", "Hospital length of stay (LOS)")),
    "adjunct": Topic(("Introduction",), (("", "60"),), ("Preoperative lab testing", "Continuous-flow cryotherapy", "Surgical assistant")),
    "equipment": Topic(("Exercise",), (("", "46-47"),), ("Durable medical equipment (DME)", "DME", "Lumbar supports", "Mattress selection")),
    "stimulation": Topic(("TENS, chronic pain (transcutaneous electrical nerve stimulation)",), (("TENS", "114-117"), ("Transcutaneous electrotherapy", "114-116")), ("TENS (transcutaneous electrical nerve stimulation)",)),
    "visit": _VISIT,
    "evaluation": Topic(("Work conditioning, work hardening",), (("Work conditioning", "125"),), ("Functional capacity evaluation (FCE)",), "Fitness for Duty"),
    "mental-health": Topic(("Behavioral interventions", "Biofeedback"), (("Behavioral interventions", "23"), ("Psychological treatment", "101-102")), ("Cognitive therapy for depression", "Psychological evaluations"), "Mental Illness & Stress"),
    "lab": Topic(("Introduction",), (("Drug Testing", "43"),), ("Genetic testing for potential opioid abuse", "Preoperative lab testing"), "Pain"),
    "drug-test": Topic(("Drug testing",), (("Drug Testing", "43"), ("Drug testing", "43"), ("", "43")), ("Urine drug testing (UDT)", "Urine Drug Testing (UDT)"), "Pain"),
    "program": Topic(("Functional restoration programs (FRPs)", "Work conditioning, work hardening"), (("Functional restoration programs", "49"), ("Chronic pain programs", "30-34")), ("Gym memberships", "Chronic pain programs")),
    "home": Topic(("Home health services",), (("Home health services", "51"),), ("Home health services", "Transportation (to & from appointments)")),
    "nsaid": Topic(("NSAIDs (non-steroidal anti-inflammatory drugs)", "NSAIDs, GI symptoms & cardiovascular risk", "NSAIDs, specific drug list & adverse effects", "Anti-inflammatory medications"), (("NSAIDs", "67-68"), ("Anti-inflammatory medications", "22"), ("", "67-73")), ("NSAIDs (non-steroidal anti-inflammatory drugs)", "Diclofenac"), "Pain"),
    "ppi": Topic(("Proton Pump Inhibitors (PPIs)", "NSAIDs, GI symptoms & cardiovascular risk"), (("NSAIDs, GI symptoms & cardiovascular risk", "68-69"), ("", "68")), ("Proton pump inhibitors (PPIs)",), "Pain"),
    "relaxant": Topic(("Muscle relaxants (for pain)", "Cyclobenzaprine (Flexeril)"), (("Muscle relaxants (for pain)", "63-66"), ("Carisoprodol (Soma)", "29"), ("", "63, 64")), ("Muscle relaxants (for pain)", "Cyclobenzaprine (Flexeril)"), "Pain"),
    "opioid": Topic((), (("Opioids", "74-96"), ("Opioids", "78, 80"), ("Opioids, criteria for use", "76-80"), ("", "74-97")), ("Opioids", "Opioids for chronic pain"), "Pain"),
    "benzodiazepine": Topic(("Benzodiazepines", "Benzodiazepine dependence, maintenance"), (("Benzodiazepines", "24"), ("", "24")), ("Benzodiazepines",), "Pain"),
    "anticonvulsant": Topic(("Antiepilepsy drugs (AEDs) for pain", "Gabapentin (Neurontin)"), (("Antiepilepsy drugs (AEDs)", "16-19"), ("", "18")), ("Anti-epilepsy drugs (AEDs) for pain",), "Pain"),
    "antidepressant": Topic(("Antidepressants for chronic pain", "Bupropion (Wellbutrin®)"), (("Antidepressants for chronic pain", "13-16"),), ("Antidepressants for chronic pain",), "Pain"),
    "topical": Topic(("Topical analgesics", "Lidoderm (lidocaine patch)", "Flector patch (diclofenac epolamine)"), (("Topical Analgesics", "111-113"), ("Lidoderm (lidocaine patch)", "56-57"), ("", "111")), ("Topical analgesics", "Lidoderm (lidocaine patch)"), "Pain"),
    "compound": Topic(("Topical analgesics", "Compound drugs"), (("Topical Analgesics", "111-113"), ("", "111-112")), ("Topical analgesics", "Compound drugs"), "Pain"),
    "hypnotic": Topic(("Insomnia treatment",), (("", "24"),), ("Zolpidem (Ambien)", "Insomnia treatment"), "Pain"),
    "antiemetic": Topic(("Antiemetics (for opioid nausea)",), (("", "74"),), ("Antiemetics (for opioid nausea)",), "Pain"),
    "barbiturate": Topic(("Introduction",), (("Barbiturate-containing analgesic agents", "23"),), ("Barbiturate-containing analgesic agents (BCAs)",), "Pain"),
    "other-drug": Topic(("Introduction",), (("", "77"),), ("Opioid-induced constipation treatment",), "Pain"),
}  # fmt: skip

OPIOIDS_2016 = (
    "1.4 Opioids for Acute Pain: Opioids for Post-operative Pain",
    "3.3 Opioids for Chronic Pain and Chronic Opioid Treatment: Initiating and Monitoring Chronic Opioid Treatment",
    "3.3.6 Opioids for Chronic Pain and Chronic Opioid Treatment: Use of Urine Drug Testing (UDT)",
    "3.3.9 Opioids for Chronic Pain and Chronic Opioid Treatment: Maintenance of Chronic Opioid Treatment",
    "4.1 Tapering Opioids: Indications for Tapering Opioids",
)
POSTSURGICAL = {"shoulder": "Shoulder", "knee": "Knee", "wrist": "Forearm, Wrist, & Hand", "hand": "Forearm, Wrist, & Hand", "elbow": "Elbow & Upper Arm", "lumbar-spine": "Low Back"}
GENERAL_APPROACHES = (
    (1, "Prevention"),
    (2, "General Approach to Initial Assessment and Documentation"),
    (3, "Initial Approaches to Treatment"),
    (5, "Cornerstones of Disability Prevention and Management"),
)
ODG_CHAPTERS = {
    "neck": ("Neck and Upper Back", "Neck & Upper Back"), "thoracic-spine": ("Neck and Upper Back",),
    "lumbar-spine": ("Low Back", "Low Back - Lumbar & Thoracic", "Low back"), "shoulder": ("Shoulder",),
    "elbow": ("Elbow",), "forearm": ("Forearm, Wrist, and Hand",), "wrist": ("Forearm, Wrist, & Hand", "Carpal Tunnel Syndrome"),
    "hand": ("Forearm, Wrist, and Hand",), "hip": ("Hip & Pelvis", "Hips & Pelvis", "Hip and Pelvis"),
    "pelvis": ("Hip & Pelvis",), "knee": ("Knee & Leg", "Knee and Leg", "Knee"), "ankle": ("Ankle & Foot", "Ankle and Foot"),
    "foot": ("Ankle & Foot",), "head": ("Head",), "upper-extremity": ("Neck and Upper Back",), "lower-extremity": ("Low Back",),
    "chest": ("Pain",), "abdomen": ("Hernia",),
}  # fmt: skip


class Work(NamedTuple):
    """A publication outside MTUS and ODG: its id, sections and pages as a record states them, and its words."""

    guideline: str
    words: str
    sections: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()


ACOEM_TOPICS = (
    Work("acoem", "ACOEM Occupational Medicine Practice Guidelines, 3rd ed., Low Back Disorders, pg. 612", ("Low Back Disorders",), (612,)),
    Work("acoem", "ACOEM Occupational Medicine Practice Guidelines, 3rd ed., Hip and Groin Disorders", ("Hip and Groin Disorders",)),
    Work("acoem", "ACOEM Guidelines, Chapter 7, Independent Medical Examinations and Consultations, page 127", ("Independent Medical Examinations and Consultations",), (127,)),
    Work("acoem", "ACOEM Hip and Groin Disorders, Diagnostic Testing, Radiographs", ("Hip and Groin Disorders", "Diagnostic Testing", "Radiographs")),
    Work("acoem", "American College of Occupational and Environmental Medicine (ACOEM), 3rd Edition, (2011) - Shoulder Disorders - Diagnostic Testing", ("Shoulder Disorders", "Diagnostic Testing")),
)
OTHER_WORKS = (
    Work("other", "http://www.drugs.com/pro/{slug}.html"),
    Work("other", "https://www.cms.gov/medicare/coverage/{slug}"),
    Work("other", "https://www.ncbi.nlm.nih.gov/pubmed/{number}"),
    Work("other", "UpToDate, Overview of treatment choices, topic {number}, accessed 01/09/2017"),
    Work("other", "Journal of Restorative Medicine 2011; pages 40-43", (), (40, 41, 42, 43)),
    Work("other", "Annals of Spine Practice, Vol. 12, p. 118", (), (118,)),
    Work("other", "Regional Pain Review March 2009; pages 7-8", (), (7, 8)),
    Work("other", "National Guideline Clearinghouse"),
    Work("other", "Physicians' Desk Reference"),
    Work("other", "Aetna Clinical Policy Bulletin {number}"),
)
