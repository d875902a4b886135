"""Twenty requests as people write them: the head figure against SQL that somebody wrote by hand over the export."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from imr_graph.analysis.precedents.precedents import precedents
from imr_graph.store.changes import add
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import export_table
from support.records import gold
from support.sample_table import generated

MRI, PT = "list_contains(treatments, 'mri')", "list_contains(treatments, 'physical-therapy')"
NORCO = "list_contains(treatments, 'hydrocodone') and list_contains(treatments, 'acetaminophen')"
ESI, EMG = "list_contains(treatments, 'epidural-steroid-injection')", "list_contains(treatments, 'emg')"


def on(region: str) -> str:
    return f"list_contains(body_regions, '{region}')"


REQUESTS = {
    "MRI of the lumbar spine": (MRI, on("lumbar-spine")),
    "lumbar MRI, no red flags": (MRI, on("lumbar-spine")),
    "MRI of the left knee": (MRI, on("knee")),
    "MRI right shoulder": (MRI, on("shoulder")),
    "MRI of the neck": (MRI, on("neck")),
    "MRI": (MRI,),
    "Physical therapy": (PT,),
    "Physical therapy 12 visits": (PT, "visits <= 12"),
    "Physical therapy, 6 visits": (PT,),
    "Physical therapy 8 sessions for the low back": (PT, on("lumbar-spine"), "visits <= 8"),
    "Acupuncture 6 visits": ("list_contains(treatments, 'acupuncture')", "visits <= 6"),
    "Acupuncture for the neck": ("list_contains(treatments, 'acupuncture')", on("neck")),
    "Norco 10/325": (NORCO,),
    "Norco 10/325 #60": (NORCO, "quantity <= 60"),
    "Norco 10/325 #120, no functional improvement": (NORCO, "quantity <= 120"),
    "Tramadol 50mg #90": ("list_contains(treatments, 'tramadol')", "quantity <= 90"),
    "Flexeril 7.5 mg": ("list_contains(treatments, 'cyclobenzaprine')",),
    "Lumbar epidural steroid injection": (ESI, on("lumbar-spine")),
    "EMG of the right upper extremity": (EMG, on("upper-extremity")),
    "Urine drug screen": ("list_contains(treatments, 'urine-drug-test')",),
}
Counted = tuple[GraphStore, Path]


def counted(path: Path, records: tuple[object, ...]) -> Counted:
    add(path / "store", records, keep_both=True)  # type: ignore[arg-type]
    store = open_store(path / "store")
    export_table(store, "parquet", path / "items.parquet")
    return store, path / "items.parquet"


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """Return a store of generated letters and its table."""
    return counted(tmp_path_factory.mktemp("counted"), generated(600))


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """Return a store of the real letters' expected records and its table."""
    return counted(tmp_path_factory.mktemp("counted-real"), tuple(gold(shared)))


def agree(of: Counted, text: str) -> None:
    """Compare the figures with the narrowest conditions that any decision fits, the last one given up first."""
    store, items = of
    found = precedents(store, text, limit=1)
    treatment, *narrower = REQUESTS[text]
    tried = [[treatment, *narrower], *([[treatment, narrower[0]]] if len(narrower) > 1 else []), [treatment]]
    for conditions in tried:
        sql = (
            "select count(*), count(*) filter (decision = 'overturned'), count(distinct case_key) "
            f"from '{items}' where {' and '.join(conditions)}"
        )
        count = duckdb.connect().execute(sql).fetchone()
        if count and count[0]:
            assert found.figures is not None
            assert (found.figures.decisions, found.figures.overturned, found.figures.cases) == count, found.figures
            assert found.step is not None
            assert found.step.startswith("same treatment")
            return
    assert found.step is None or not found.step.startswith("same treatment")
    assert "None decided" in found.remarks[0] or "No decision" in found.remarks[0]


@pytest.mark.parametrize("text", REQUESTS)
def test_figures_of_generated_letters_are_those_of_sql(invented: Counted, text: str) -> None:
    agree(invented, text)


@pytest.mark.parametrize("text", REQUESTS)
def test_figures_of_real_letters_are_those_of_sql(real: Counted, text: str) -> None:
    agree(real, text)
