"""This file proves that a release lists what it is made of: all of the lock, and nothing else."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

from click.testing import CliRunner

from appliance.commands.update import make as make_release
from provisioning.update import keys, sbom

ROOT = Path(__file__).resolve().parents[3]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def test_every_pin_is_listed_with_its_hashes() -> None:
    found = json.loads(sbom.make("0.1.0", LOCK))
    pins = re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", LOCK, re.M)
    assert [(c["name"], c["version"]) for c in found["components"]] == pins and len(pins) > 20
    assert sum(len(c["hashes"]) for c in found["components"]) == LOCK.count("--hash=sha256:")
    assert all(c["hashes"] and c["purl"] == c["bom-ref"] for c in found["components"])
    assert found["metadata"]["component"]["version"] == "0.1.0"
    assert sbom.make("0.1.0", LOCK) == sbom.make("0.1.0", LOCK) != sbom.make("0.2.0", LOCK)


def test_it_is_in_the_release_that_is_made(tmp_path: Path) -> None:
    """Signed with everything else."""
    keys.make_key(tmp_path / "key.pem")
    done = CliRunner().invoke(
        make_release,
        [str(ROOT), "--key", str(tmp_path / "key.pem"), "--out", str(tmp_path / "x.hien")],
    )
    assert done.exit_code == 0, done.output
    with tarfile.open(tmp_path / "x.hien") as tar:
        listed = json.loads(tar.extractfile("manifest.json").read())["files"]  # type: ignore[union-attr]
        body = tar.extractfile(sbom.NAME)
        assert body and sbom.NAME in listed
        assert len(json.loads(body.read())["components"]) > 20
