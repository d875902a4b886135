"""Guidelines as letters print them: names, years, chapters, sections, pages; each with its vocabulary id."""

from __future__ import annotations

from typing import NamedTuple

from .tables import cells, names, rows

__all__ = [
    "ACOEM_2004",
    "ACOEM_TODAY",
    "ACOEM_TODAY_RARE",
    "ACOEM_TOPICS",
    "GENERAL_APPROACHES",
    "ODG_CHAPTERS",
    "OPIOIDS_2016",
    "OTHER_WORKS",
    "POSTSURGICAL",
    "SECTIONS_2004",
    "SECTIONS_TODAY",
    "TODAY_BY_REGION",
    "TODAY_BY_TOPIC",
    "Chapter",
    "Work",
    "chapter_for",
]


class Chapter(NamedTuple):
    """A chapter of ACOEM 2004 in the MTUS: printed name, year, number, id, and pages that older letters cite."""

    name: str
    year: int
    number: int
    id: str
    pages: tuple[str, ...]


# name | year | chapter | pages | regions whose treatment it rules
_CHAPTERS = """
Neck and Upper Back Complaints | 2004 | 8 | 178; 177-179; 182 | neck; thoracic-spine; upper-extremity
Shoulder Complaints | 2004 | 9 | 207-209; 211; 214 | shoulder
Elbow Complaints | 2007 | 10 | 33-34; 42 | elbow
Forearm, Wrist, and Hand Complaints | 2004 | 11 | 261; 268-270; 272 | forearm; wrist; hand
Low Back Complaints | 2004 | 12 | 303-305; 304; 287, 289; 300-301 | lumbar-spine; lower-extremity; hip
Knee Complaints | 2004 | 13 | 341-343; 344-345; 336 | knee
Ankle and Foot Complaints | 2004 | 14 | 372-374; 370 | ankle; foot
"""
ACOEM_2004: dict[str, Chapter] = {}
for _name, _year, _number, _pages, _regions in map(cells, rows(_CHAPTERS)):
    _id = f"acoem-{_name.lower().replace(',', '').replace(' ', '-')}-{_year}"
    for _region in names(_regions):
        ACOEM_2004[_region] = Chapter(_name, int(_year), int(_number), _id, names(_pages))


def chapter_for(region: str) -> Chapter:
    """Return the chapter of ACOEM 2004 that rules a region; the low back's where no chapter does."""
    return ACOEM_2004.get(region, ACOEM_2004["lumbar-spine"])


SECTIONS_2004 = rows("""
Special Studies
Initial Care
Physical Methods
Summary
Surgical Considerations
Diagnostic Criteria
Activity Modification
Work-Relatedness
Follow-up Visits
General Approach
Recommendations
Inital Care
Diagnositc Criteria
""")

# From December 2017 on. key | name | id | editions: year, and the first decision year that cites it
_TODAY = """
neck | Cervical and Thoracic Spine Disorders | acoem-cervical-and-thoracic-spine-disorders | 2016@2018; 2018@2020
shoulder | Shoulder Disorders | acoem-shoulder-disorders | 2016@2018
elbow | Elbow Disorders | acoem-elbow-disorders | 2013@2018; 2018@2020
hand | Hand, Wrist, and Forearm Disorders | acoem-hand-wrist-and-forearm-disorders | 2016@2018; 2019@2020
lumbar-spine | Low Back Disorders | acoem-low-back-disorders | 2016@2018; 2019@2020; 2020@2022
knee | Knee Disorders | acoem-knee-disorders | 2015@2018; 2019@2021
ankle | Ankle and Foot Disorders | acoem-ankle-and-foot-disorders | 2015@2018; 2018@2020
hip | Hip and Groin | acoem-hip-and-groin | 2011@2018
hip-now | Hip and Groin Disorders | acoem-hip-and-groin-disorders | 2019@2020
head | Traumatic Brain Injury | acoem-traumatic-brain-injury | 2017@2018
pain | Chronic Pain | acoem-chronic-pain | 2017@2018
opioids | Opioids | acoem-opioids | 2017@2018
initial | Initial Approaches to Treatment | acoem-initial-approaches-to-treatment | 2017@2018
depression | Workplace Mental Health: Depressive Disorders | acoem-depressive-disorders | 2020@2021
anxiety | Workplace Mental Health: Anxiety Disorders | acoem-anxiety-disorders | 2021@2022
stress | Workplace Mental Health: Posttraumatic Stress Disorder and Acute Stress Disorder |
    acoem-ptsd-and-acute-stress-disorder | 2018@2019
asthma | Occupational/Work-Related Asthma | acoem-occupational-asthma | 2016@2018; 2020@2021
lungs | Occupational Interstitial Lung Disease | acoem-interstitial-lung-disease | 2016@2018; 2019@2021
eye | Eye Disorders | acoem-eye-disorders | 2017@2018
covid | COVID-19 | acoem-covid-19 | 2021@2022
"""
ACOEM_TODAY = {
    key: (
        name,
        tuple((year, int(first), f"{id_}-{year}") for year, _, first in (e.partition("@") for e in names(editions))),
    )
    for key, name, id_, editions in map(cells, rows(_TODAY))
}
ACOEM_TODAY_RARE = ("head", "stress", "asthma", "lungs", "eye", "covid", "hip-now")
TODAY_BY_TOPIC = {
    row[0]: names(row[1])
    for row in map(
        cells,
        rows("""
opioid | opioids; pain
drug-test | opioids
mental-health | depression; anxiety; stress; pain
topical | pain
compound | pain; initial
nsaid | initial; pain
ppi | initial; pain
relaxant | pain
benzodiazepine | pain
anticonvulsant | pain
antidepressant | pain; depression
hypnotic | pain
antiemetic | opioids
other-drug | pain; asthma
barbiturate | pain
program | pain
visit | initial
"""),
    )
}
TODAY_BY_REGION = {
    "thoracic-spine": "neck",
    "upper-extremity": "neck",
    "lower-extremity": "lumbar-spine",
    "wrist": "hand",
    "forearm": "hand",
    "foot": "ankle",
    "pelvis": "hip",
    "chest": "initial",
    "abdomen": "initial",
}
SECTIONS_TODAY = rows("""
Diagnostic Recommendations
Treatment Recommendations
Imaging
Magnetic Resonance Imaging
Medications
Rehabilitation
Exercise
Injections
Surgery
Activity Modification
Summary of Recommendations
""")

OPIOIDS_2016 = rows("""
1.4 Opioids for Acute Pain: Opioids for Post-operative Pain
3.3 Opioids for Chronic Pain and Chronic Opioid Treatment: Initiating and Monitoring Chronic Opioid Treatment
3.3.6 Opioids for Chronic Pain and Chronic Opioid Treatment: Use of Urine Drug Testing (UDT)
3.3.9 Opioids for Chronic Pain and Chronic Opioid Treatment: Maintenance of Chronic Opioid Treatment
4.1 Tapering Opioids: Indications for Tapering Opioids
""")
POSTSURGICAL = {
    "shoulder": "Shoulder",
    "knee": "Knee",
    "wrist": "Forearm, Wrist, & Hand",
    "hand": "Forearm, Wrist, & Hand",
    "elbow": "Elbow & Upper Arm",
    "lumbar-spine": "Low Back",
}
GENERAL_APPROACHES = (
    (1, "Prevention"),
    (2, "General Approach to Initial Assessment and Documentation"),
    (3, "Initial Approaches to Treatment"),
    (5, "Cornerstones of Disability Prevention and Management"),
)
# region | names of the ODG chapter
_ODG = """
neck | Neck and Upper Back; Neck & Upper Back
thoracic-spine | Neck and Upper Back
upper-extremity | Neck and Upper Back
lumbar-spine | Low Back; Low Back - Lumbar & Thoracic; Low back
lower-extremity | Low Back
shoulder | Shoulder
elbow | Elbow
forearm | Forearm, Wrist, and Hand
wrist | Forearm, Wrist, & Hand; Carpal Tunnel Syndrome
hand | Forearm, Wrist, and Hand
hip | Hip & Pelvis; Hips & Pelvis; Hip and Pelvis
pelvis | Hip & Pelvis
knee | Knee & Leg; Knee and Leg; Knee
ankle | Ankle & Foot; Ankle and Foot
foot | Ankle & Foot
head | Head
abdomen | Hernia
"""
ODG_CHAPTERS = {region: names(chapters) for region, chapters in map(cells, rows(_ODG))}


class Work(NamedTuple):
    """A publication outside MTUS and ODG: its id, its words, and the sections and pages a record states."""

    guideline: str
    words: str
    sections: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()


def _works(block: str) -> tuple[Work, ...]:
    parted = [cells(row) for row in rows(block)]
    return tuple(Work(p[0], p[1], names(p[2]), tuple(int(page) for page in names(p[3]))) for p in parted)


ACOEM_TOPICS = _works("""
acoem | ACOEM Occupational Medicine Practice Guidelines, 3rd ed., Low Back Disorders, pg. 612 | Low Back Disorders | 612
acoem | ACOEM Occupational Medicine Practice Guidelines, 3rd ed., Hip and Groin Disorders | Hip and Groin Disorders |
acoem | ACOEM Guidelines, Chapter 7, Independent Medical Examinations and Consultations, page 127 |
    Independent Medical Examinations and Consultations | 127
acoem | ACOEM Hip and Groin Disorders, Diagnostic Testing, Radiographs |
    Hip and Groin Disorders; Diagnostic Testing; Radiographs |
acoem | American College of Occupational and Environmental Medicine (ACOEM), 3rd Edition, (2011) - Shoulder Disorders
    - Diagnostic Testing | Shoulder Disorders; Diagnostic Testing |
""")
OTHER_WORKS = _works("""
other | http://www.drugs.com/pro/{slug}.html | |
other | https://www.cms.gov/medicare/coverage/{slug} | |
other | https://www.ncbi.nlm.nih.gov/pubmed/{number} | |
other | UpToDate, Overview of treatment choices, topic {number}, accessed 01/09/2017 | |
other | Journal of Restorative Medicine 2011; pages 40-43 | | 40; 41; 42; 43
other | Annals of Spine Practice, Vol. 12, p. 118 | | 118
other | Regional Pain Review March 2009; pages 7-8 | | 7; 8
other | National Guideline Clearinghouse | |
other | Physicians' Desk Reference | |
other | Aetna Clinical Policy Bulletin {number} | |
""")
