"""Validate an RO-Crate without the network: `python validate_crate.py CRATE CONTEXT` prints an issue a line.

It runs in the environment of the validator, which has none of the product's packages. CONTEXT is a file with the terms
of RO-Crate, which the validator would fetch.
"""

import json
import sys
from pathlib import Path

from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester


class Answer:
    """What the network would answer."""

    status_code, headers = 200, {"Content-Type": "application/ld+json"}
    text = Path(sys.argv[2]).read_text(encoding="utf-8")

    def json(self) -> object:
        """Return the terms of RO-Crate."""
        return json.loads(self.text)


HttpRequester.get = lambda _self, _url, **_options: Answer()
settings = services.ValidationSettings(
    rocrate_uri=sys.argv[1],
    profile_identifier="ro-crate-1.1",
    requirement_severity=models.Severity.RECOMMENDED,
    offline=True,
)
found = services.validate(settings)
for issue in found.get_issues():
    print(f"{issue.severity.name}: {issue.message}")
print(f"{len(found.executed_checks)} checks")
