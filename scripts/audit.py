"""What the project is made of: licences, a CycloneDX list of parts, and known vulnerabilities.

`make audit`. It looks at what is installed of requirements.lock; the list (target/sbom.json) is
CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. Exit status 1 where a licence is not allowed or
unknown, or a vulnerability is known.
"""

import json
import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
SBOM = ROOT / "target" / "sbom.json"
# a program that links these, or is served from them, would have to be given away with its source
NOT_ALLOWED = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
DECIDED = {
    "interpret-core": "MIT",  # its metadata says nothing; its repository does
    "text-unidecode": "Artistic-1.0",  # offered beside the GPL, for whoever takes it to choose
}


def locked() -> dict[str, str]:
    """Name and version of each package of the lock."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", LOCK.read_text(), re.MULTILINE))


def licence(package: Distribution) -> str:
    """What a package says of its licence; empty where it says nothing."""
    told = package.metadata
    classifiers = [
        one.rpartition(" :: ")[2]
        for one in told.get_all("Classifier") or ()
        if one.startswith("License ::") and one != "License :: OSI Approved"
    ]
    text = (told.get("License") or "").strip().partition("\n")[0]
    decided = DECIDED.get(told["Name"])
    return decided or told.get("License-Expression") or ", ".join(classifiers) or text


def is_allowed(told: str) -> bool:
    """Whether one of the licences offered may be used; LGPL may, for a library."""
    return bool(told) and any(not NOT_ALLOWED.search(one) for one in re.split(" OR | or ", told))


def component(name: str, version: str, told: str) -> dict[str, object]:
    """A package as CycloneDX writes it."""
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name.lower()}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower()}@{version}",
        "licenses": [{"license": {"name": told or "unknown"}}],
    }


def main() -> int:
    """Print what was found, write the list, give the exit status."""
    parts, bad, absent = [], [], []
    for name, version in locked().items():
        try:
            told = licence(distribution(name))
        except PackageNotFoundError:  # of another system, or of an extra that is not installed
            absent.append(name)
            continue
        parts.append(component(name, version, told))
        if not is_allowed(told):
            bad.append(f"{name} {version}: {told or 'says no licence'}")
    SBOM.parent.mkdir(exist_ok=True)
    body = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": parts}
    SBOM.write_text(json.dumps(body, indent=1))
    print(f"{len(parts)} packages, {len(bad)} with a licence to look at: {SBOM}")
    print(f"not installed here, and not looked at: {', '.join(absent) or 'none'}")
    for line in bad:
        print(f"  {line}")
    found = vulnerabilities()
    return int(bool(bad) or found)


def vulnerabilities() -> bool:
    """Ask pip-audit, fetched by uv for this once; whether it knows of one."""
    command = ["uv", "tool", "run", "pip-audit", "--disable-pip", "-r", str(LOCK)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"vulnerabilities: NOT checked, pip-audit could not be run ({type(error).__name__})")
        return False
    if done.returncode == 0:
        print("vulnerabilities: none known")
        return False
    if "Vulnerability ID" in done.stdout or "GHSA-" in done.stdout or "PYSEC-" in done.stdout:
        print(done.stdout)
        return True
    last = done.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
    print(f"vulnerabilities: NOT checked, the index could not be asked: {last[0][:200]}")
    return False


if __name__ == "__main__":
    sys.exit(main())
