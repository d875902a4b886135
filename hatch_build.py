"""The build hooks: the editor's script, and the README for package indexes.

The script is made when a wheel or an editable install is made.

Without Node and without network the build goes on; the server then says on its page for queries what is missing.
"""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

__all__ = ["FrontEnd", "Readme"]


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `frontend/bundle.py`, unless the variable IMR_GRAPH_FRONT_END is `skip`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the script; `version` is `editable` or `standard`."""
        if os.environ.get("IMR_GRAPH_FRONT_END") == "skip":
            return
        spec = importlib.util.spec_from_file_location("bundle", Path(self.root) / "frontend" / "bundle.py")
        if spec is None or spec.loader is None:
            raise ImportError("frontend/bundle.py cannot be read")
        front_end = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(front_end)
        try:
            # An editable install has to be quick: it fetches no Node.
            front_end.bundle(fetch_node=version != "editable")
        except front_end.CannotBundle as error:
            self.app.display_warning(f"The query editor of the site is left out: {error}. Everything else works.")


class Readme(MetadataHookInterface):
    """Gives the README with absolute links, because a package index shows it far from the files it links to."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the README to the project's metadata."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        source = metadata["urls"]["Source"]
        absolute = re.sub(r"\]\((?![a-z]+:|#)", f"]({source}/", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": absolute}
