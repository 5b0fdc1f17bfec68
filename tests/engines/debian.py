"""Debian's packages, for the servers that comparisons start."""

import os
import subprocess


def install(package: str) -> None:
    """Install a package and say so; as root, or by sudo, which may ask for a password."""
    become = [] if os.geteuid() == 0 else ["sudo"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-y", "-q", package]):
        print("$ apt-get", *arguments, flush=True)
        subprocess.run([*become, "apt-get", *arguments], env=os.environ | quiet, check=True)
