"""What guidelines call the subject of a request, by topic."""

from __future__ import annotations

from typing import NamedTuple

from .tables import cells, names, rows

__all__ = ["TOPICS", "Topic"]


class Topic(NamedTuple):
    """Section names of Chronic Pain Medical Treatment 2016, (topic, pages) of its 2009 edition, topics of ODG.

    `odg_chapter` is set where the chapter follows from the topic and not from the part of the body.
    """

    sections: tuple[str, ...]
    pages_2009: tuple[tuple[str, str], ...]
    odg: tuple[str, ...]
    odg_chapter: str | None


def _topic(parts: list[str]) -> Topic:
    pages = []
    for name in names(parts[2]):
        topic, _, numbers = name.rpartition("@")
        pages.append((topic.strip(), numbers.strip()))
    return Topic(names(parts[1]), tuple(pages), names(parts[3]), parts[4] if parts[4:] else None)


# topic | sections of 2016 | topic @ pages of 2009 (the topic may be left out) | topics of ODG | chapter of ODG
_TABLE = """
imaging | Introduction |  @ 7 | MRI (magnetic resonance imaging); MRIs (magnetic resonance imaging); MRI; X-Ray;
    Indications for imaging-Magnetic resonance imaging
nerve-study | Electrodiagnostic testing (EMG/NCS) |  @ 7 | Electrodiagnostic testing (EMG/NCS);
    Electrodiagnostic Studies (EDS); Nerve conduction studies (NCS)
therapy | Physical medicine treatment | Physical Medicine @ 98-99;  @ 99 | Physical therapy; Physical Therapy
acupuncture | Introduction |  @ 13 | Acupuncture
manipulation | Manual therapy & manipulation | Manual therapy & manipulation @ 58-60; Chiropractic Treatment @
    58 | Manipulation; Chiropractic
injection | Epidural steroid injections (ESIs); Trigger point injections (TPIs) | Epidural Steroid Injections @
    46; Epidural steroid injections (ESIs) @ 46;  @ 46; Trigger point injections @ 122 | Facet joint diagnostic
    blocks (injections); Corticosteroid injections
surgery | Introduction |  @ 105-107 | Surgical assistant; Arthroscopy; Hospital length of stay (LOS)
adjunct | Introduction |  @ 60 | Preoperative lab testing; Continuous-flow cryotherapy; Surgical assistant
equipment | Exercise |  @ 46-47 | Durable medical equipment (DME); DME; Lumbar supports; Mattress selection
stimulation | TENS, chronic pain (transcutaneous electrical nerve stimulation) | TENS @ 114-117; Transcutaneous
    electrotherapy @ 114-116 | TENS (transcutaneous electrical nerve stimulation)
visit | Office visits | Introduction @ 1 | Office visits | Pain
evaluation | Work conditioning, work hardening | Work conditioning @ 125 | Functional capacity evaluation (FCE)
    | Fitness for Duty
mental-health | Behavioral interventions; Biofeedback | Behavioral interventions @ 23; Psychological treatment @
    101-102 | Cognitive therapy for depression; Psychological evaluations | Mental Illness & Stress
lab | Introduction | Drug Testing @ 43 | Genetic testing for potential opioid abuse; Preoperative lab testing |
    Pain
drug-test | Drug testing | Drug Testing @ 43; Drug testing @ 43;  @ 43 | Urine drug testing (UDT); Urine Drug
    Testing (UDT) | Pain
program | Functional restoration programs (FRPs); Work conditioning, work hardening | Functional restoration
    programs @ 49; Chronic pain programs @ 30-34 | Gym memberships; Chronic pain programs
home | Home health services | Home health services @ 51 | Home health services; Transportation (to & from
    appointments)
nsaid | NSAIDs (non-steroidal anti-inflammatory drugs); NSAIDs, GI symptoms & cardiovascular risk; NSAIDs,
    specific drug list & adverse effects; Anti-inflammatory medications | NSAIDs @ 67-68; Anti-inflammatory
    medications @ 22;  @ 67-73 | NSAIDs (non-steroidal anti-inflammatory drugs); Diclofenac | Pain
ppi | Proton Pump Inhibitors (PPIs); NSAIDs, GI symptoms & cardiovascular risk | NSAIDs, GI symptoms &
    cardiovascular risk @ 68-69;  @ 68 | Proton pump inhibitors (PPIs) | Pain
relaxant | Muscle relaxants (for pain); Cyclobenzaprine (Flexeril) | Muscle relaxants (for pain) @ 63-66;
    Carisoprodol (Soma) @ 29;  @ 63, 64 | Muscle relaxants (for pain); Cyclobenzaprine (Flexeril) | Pain
opioid |  | Opioids @ 74-96; Opioids @ 78, 80; Opioids, criteria for use @ 76-80;  @ 74-97 | Opioids; Opioids
    for chronic pain | Pain
benzodiazepine | Benzodiazepines; Benzodiazepine dependence, maintenance | Benzodiazepines @ 24;  @ 24 |
    Benzodiazepines | Pain
anticonvulsant | Antiepilepsy drugs (AEDs) for pain; Gabapentin (Neurontin) | Antiepilepsy drugs (AEDs) @ 16-19;
    @ 18 | Anti-epilepsy drugs (AEDs) for pain | Pain
antidepressant | Antidepressants for chronic pain; Bupropion (Wellbutrin®) | Antidepressants for chronic pain @
    13-16 | Antidepressants for chronic pain | Pain
topical | Topical analgesics; Lidoderm (lidocaine patch); Flector patch (diclofenac epolamine) | Topical
    Analgesics @ 111-113; Lidoderm (lidocaine patch) @ 56-57;  @ 111 | Topical analgesics; Lidoderm (lidocaine
    patch) | Pain
compound | Topical analgesics; Compound drugs | Topical Analgesics @ 111-113;  @ 111-112 | Topical analgesics;
    Compound drugs | Pain
hypnotic | Insomnia treatment |  @ 24 | Zolpidem (Ambien); Insomnia treatment | Pain
antiemetic | Antiemetics (for opioid nausea) |  @ 74 | Antiemetics (for opioid nausea) | Pain
barbiturate | Introduction | Barbiturate-containing analgesic agents @ 23 | Barbiturate-containing analgesic
    agents (BCAs) | Pain
other-drug | Introduction |  @ 77 | Opioid-induced constipation treatment | Pain
"""
TOPICS = {parts[0]: _topic(parts) for parts in map(cells, rows(_TABLE))}
