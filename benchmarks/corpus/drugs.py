"""Drugs as request headings name them: printed name, strengths, active ingredients, topic of the rationale."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["COMPOUND_PARTS", "DRUGS", "DRUGS_OF_ACUTE_CLAIMS", "KITS", "Drug"]


class Drug(NamedTuple):
    """One drug product; `ingredients` are USAN names in lower case with hyphens, salts left out."""

    name: str
    strengths: tuple[str, ...]
    ingredients: tuple[str, ...]
    topic: str


def _drug(name: str, strengths: str, ingredients: str, topic: str) -> Drug:
    return Drug(name, tuple(strengths.split("|")), tuple(sorted(ingredients.split("+"))), topic)


DRUGS_OF_ACUTE_CLAIMS = (
    _drug("Naproxen", "500mg|550mg|375mg", "naproxen", "nsaid"),
    _drug("Naproxen sodium", "550mg", "naproxen", "nsaid"),
    _drug("Anaprox DS", "550mg", "naproxen", "nsaid"),
    _drug("Ibuprofen", "600mg|800mg", "ibuprofen", "nsaid"),
    _drug("Motrin", "800mg", "ibuprofen", "nsaid"),
    _drug("Etodolac", "400mg|500mg", "etodolac", "nsaid"),
    _drug("Nabumetone", "500mg|750mg", "nabumetone", "nsaid"),
    _drug("Relafen", "750mg", "nabumetone", "nsaid"),
    _drug("Meloxicam", "7.5mg|15mg", "meloxicam", "nsaid"),
    _drug("Mobic", "15mg", "meloxicam", "nsaid"),
    _drug("Celebrex", "100mg|200mg", "celecoxib", "nsaid"),
    _drug("Celecoxib", "200mg", "celecoxib", "nsaid"),
    _drug("Diclofenac sodium", "75mg|100mg", "diclofenac", "nsaid"),
    _drug("Diclofenac XR", "100mg", "diclofenac", "nsaid"),
    _drug("Voltaren XR", "100mg", "diclofenac", "nsaid"),
    _drug("Arthrotec", "75/0.2mg", "diclofenac+misoprostol", "nsaid"),
    _drug("Duexis", "800/26.6mg", "ibuprofen+famotidine", "nsaid"),
    _drug("Vimovo", "500/20mg", "naproxen+esomeprazole", "nsaid"),
    _drug("Omeprazole", "20mg|40mg", "omeprazole", "ppi"),
    _drug("Prilosec", "20mg", "omeprazole", "ppi"),
    _drug("Protonix", "20mg|40mg", "pantoprazole", "ppi"),
    _drug("Pantoprazole", "20mg|40mg", "pantoprazole", "ppi"),
    _drug("Nexium", "40mg", "esomeprazole", "ppi"),
    _drug("Lansoprazole", "30mg", "lansoprazole", "ppi"),
    _drug("Famotidine", "20mg|40mg", "famotidine", "ppi"),
    _drug("Ranitidine", "150mg", "ranitidine", "ppi"),
    _drug("Cyclobenzaprine", "5mg|7.5mg|10mg", "cyclobenzaprine", "relaxant"),
    _drug("Flexeril", "10mg", "cyclobenzaprine", "relaxant"),
    _drug("Fexmid", "7.5mg", "cyclobenzaprine", "relaxant"),
    _drug("Tizanidine", "2mg|4mg", "tizanidine", "relaxant"),
    _drug("Zanaflex", "4mg", "tizanidine", "relaxant"),
    _drug("Baclofen", "10mg|20mg", "baclofen", "relaxant"),
    _drug("Methocarbamol", "500mg|750mg", "methocarbamol", "relaxant"),
    _drug("Robaxin", "750mg", "methocarbamol", "relaxant"),
    _drug("Orphenadrine ER", "100mg", "orphenadrine", "relaxant"),
    _drug("Norflex", "100mg", "orphenadrine", "relaxant"),
    _drug("Carisoprodol", "350mg", "carisoprodol", "relaxant"),
    _drug("Soma", "350mg", "carisoprodol", "relaxant"),
    _drug("Skelaxin", "800mg", "metaxalone", "relaxant"),
    _drug("Lorzone", "750mg", "chlorzoxazone", "relaxant"),
    _drug("Tramadol", "50mg", "tramadol", "opioid"),
    _drug("Tramadol ER", "150mg", "tramadol", "opioid"),
    _drug("Ultram", "50mg", "tramadol", "opioid"),
    _drug("Ultracet", "37.5/325mg", "tramadol+acetaminophen", "opioid"),
    _drug("Norco", "5/325mg|7.5/325mg|10/325mg", "hydrocodone+acetaminophen", "opioid"),
    _drug("Hydrocodone/APAP", "5/325mg|10/325mg", "hydrocodone+acetaminophen", "opioid"),
    _drug("Tylenol with codeine", "300/30mg", "acetaminophen+codeine", "opioid"),
    _drug("Lidocaine patch", "5%", "lidocaine", "topical"),
    _drug("Lidoderm patch", "5%", "lidocaine", "topical"),
    _drug("Voltaren gel", "1%", "diclofenac", "topical"),
    _drug("Flector patch", "1.3%", "diclofenac", "topical"),
    _drug("Pennsaid", "2%", "diclofenac", "topical"),
    _drug("Menthoderm gel", "120gm", "menthol+methyl-salicylate", "topical"),
    _drug("Capsaicin cream", "0.025%", "capsaicin", "topical"),
)

DRUGS = (
    *DRUGS_OF_ACUTE_CLAIMS,
    _drug("Vicodin", "5/300mg", "hydrocodone+acetaminophen", "opioid"),
    _drug("Percocet", "5/325mg|10/325mg", "oxycodone+acetaminophen", "opioid"),
    _drug("Oxycodone/acetaminophen", "10/325mg", "oxycodone+acetaminophen", "opioid"),
    _drug("Oxycodone", "10mg|15mg|30mg", "oxycodone", "opioid"),
    _drug("OxyContin", "20mg|40mg", "oxycodone", "opioid"),
    _drug("Morphine sulfate ER", "15mg|30mg", "morphine", "opioid"),
    _drug("MS Contin", "30mg|60mg", "morphine", "opioid"),
    _drug("Nucynta", "75mg|100mg", "tapentadol", "opioid"),
    _drug("Nucynta ER", "150mg", "tapentadol", "opioid"),
    _drug("Dilaudid", "4mg", "hydromorphone", "opioid"),
    _drug("Opana ER", "20mg", "oxymorphone", "opioid"),
    _drug("Methadone", "10mg", "methadone", "opioid"),
    _drug("Fentanyl patch", "25mcg/hr|50mcg/hr", "fentanyl", "opioid"),
    _drug("Duragesic patch", "75mcg/hr", "fentanyl", "opioid"),
    _drug("Butrans patch", "10mcg/hr|20mcg/hr", "buprenorphine", "opioid"),
    _drug("Suboxone", "8/2mg", "buprenorphine+naloxone", "opioid"),
    _drug("Diazepam", "5mg|10mg", "diazepam", "benzodiazepine"),
    _drug("Valium", "5mg|10mg", "diazepam", "benzodiazepine"),
    _drug("Xanax", "0.5mg|1mg", "alprazolam", "benzodiazepine"),
    _drug("Alprazolam", "1mg", "alprazolam", "benzodiazepine"),
    _drug("Klonopin", "0.5mg", "clonazepam", "benzodiazepine"),
    _drug("Lorazepam", "1mg|2mg", "lorazepam", "benzodiazepine"),
    _drug("Temazepam", "15mg|30mg", "temazepam", "benzodiazepine"),
    _drug("Gabapentin", "100mg|300mg|600mg", "gabapentin", "anticonvulsant"),
    _drug("Neurontin", "600mg", "gabapentin", "anticonvulsant"),
    _drug("Lyrica", "75mg|150mg", "pregabalin", "anticonvulsant"),
    _drug("Topamax", "50mg", "topiramate", "anticonvulsant"),
    _drug("Cymbalta", "30mg|60mg", "duloxetine", "antidepressant"),
    _drug("Duloxetine", "60mg", "duloxetine", "antidepressant"),
    _drug("Effexor XR", "75mg", "venlafaxine", "antidepressant"),
    _drug("Wellbutrin XL", "150mg", "bupropion", "antidepressant"),
    _drug("Zoloft", "50mg", "sertraline", "antidepressant"),
    _drug("Trazodone", "50mg|100mg", "trazodone", "antidepressant"),
    _drug("Amitriptyline", "25mg", "amitriptyline", "antidepressant"),
    _drug("Ambien", "5mg|10mg", "zolpidem", "hypnotic"),
    _drug("Zolpidem", "10mg", "zolpidem", "hypnotic"),
    _drug("Lunesta", "2mg|3mg", "eszopiclone", "hypnotic"),
    _drug("Ondansetron", "4mg|8mg", "ondansetron", "antiemetic"),
    _drug("Zofran", "4mg", "ondansetron", "antiemetic"),
    _drug("Fioricet", "50/325/40mg", "butalbital+acetaminophen+caffeine", "barbiturate"),
    _drug("Colace", "100mg", "docusate", "other-drug"),
    _drug("Viagra", "50mg", "sildenafil", "other-drug"),
    _drug("Terocin patch", "4%", "lidocaine+menthol", "topical"),
)

KITS = (
    _drug("Deprizine", "15mg/ml oral suspension", "ranitidine", "compound"),
    _drug("Dicopanol", "5mg/ml oral suspension", "diphenhydramine", "compound"),
    _drug("Fanatrex", "25mg/ml oral suspension", "gabapentin", "compound"),
)

COMPOUND_PARTS = (
    ("Flurbiprofen", ("10%", "20%", "25%"), "flurbiprofen"),
    ("Gabapentin", ("6%", "10%"), "gabapentin"),
    ("Cyclobenzaprine", ("2%", "4%", "6%"), "cyclobenzaprine"),
    ("Baclofen", ("2%", "5%"), "baclofen"),
    ("Lidocaine", ("2%", "5%"), "lidocaine"),
    ("Menthol", ("2%", "4%"), "menthol"),
    ("Camphor", ("2%",), "camphor"),
    ("Capsaicin", ("0.025%", "0.0375%"), "capsaicin"),
    ("Amitriptyline", ("4%", "8%", "10%"), "amitriptyline"),
    ("Dextromethorphan", ("5%", "10%"), "dextromethorphan"),
    ("Bupivacaine", ("5%",), "bupivacaine"),
    ("Ketoprofen", ("10%", "20%"), "ketoprofen"),
    ("Tramadol", ("8%", "20%"), "tramadol"),
    ("Dexamethasone", ("2%",), "dexamethasone"),
)
