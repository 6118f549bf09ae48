"""A tree of Debian packages for another machine, unpacked beside this machine's own system.

Nothing is installed and nobody has to be root: apt-get, told of another architecture and of folders
of its own, downloads the packages and what they need, and dpkg-deb unpacks them. No package's
scripts run. Needs a system with apt-get and Debian's keyring, and Debian's mirror.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from command import WheelError, run

MIRROR = "http://deb.debian.org/debian"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def unpack(
    packages: Sequence[str], *, release: str, architecture: str, folder: Path, log: Path
) -> Path:
    """Return a folder with these packages and all that they depend on.

    Args:
        packages: names of packages.
        release: of Debian, for example "bookworm".
        architecture: Debian's name of the machine.
        folder: of the tree; it is taken as it is where it was finished before.
        log: of apt-get and dpkg-deb.

    Raises:
        WheelError: a package does not exist, or cannot be had.
    """
    done = folder / ".packages"
    wanted = " ".join((release, architecture, *packages))
    if done.is_file() and done.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    apt = folder.with_name(f"{folder.name}.apt")
    shutil.rmtree(apt, ignore_errors=True)
    settings = {"APT_CONFIG": str(_configure(apt, release, architecture))}
    try:
        run(["apt-get", "-q", "update"], log=log, environment=settings)
        options = ("-q", "-y", "--no-install-recommends", "--download-only")
        run(["apt-get", *options, "install", *packages], log=log, environment=settings)
        for package in sorted((apt / "cache/archives").glob("*.deb")):
            run(["dpkg-deb", "-x", package, folder], log=log)
    finally:
        shutil.rmtree(apt)
    if not (folder / "lib").exists():  # from Debian 13 on only scripts make this link
        (folder / "lib").symlink_to("usr/lib")
    done.write_text(wanted)
    return folder


def _configure(apt: Path, release: str, architecture: str) -> Path:
    """Write apt's settings into a new folder, where all that it keeps lies.

    The machine's own settings stay, for it may reach the mirror through a proxy.
    """
    if not _KEYRING.is_file():
        raise WheelError(f"{_KEYRING}: expected Debian's keyring, found none")
    for part in ("state/lists/partial", "cache/archives/partial", "sources.d"):
        (apt / part).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {MIRROR} {release} main\n")
    settings = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "",  # the folder is the caller's, not apt's user's
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": apt / "sources.d",
    }
    path = apt / "apt.conf"
    path.write_text("".join(f'{name} "{value}";\n' for name, value in settings.items()))
    return path
