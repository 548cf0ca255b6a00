"""What the system lacks is installed where that is allowed, else told in one line to paste."""

import os
import subprocess
from pathlib import Path

import pytest
from tree import ROOT

SCRIPT = ROOT / "scripts" / "system-packages"
TOOLS = ("sh", "find", "head", "tr", "id", "dirname", "cat", "echo")
BARE_PYTHON = "#!/bin/sh\nexit 1\n"
WHOLE_PYTHON = "#!/bin/sh\nexit 0\n"
LOGGING = '#!/bin/sh\necho "$0 $*" >>"$LOG"\n'


class Machine:
    """A machine that has only what its folder of programs holds."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.log = folder / "log"
        for path in (self.bin, self.home):
            path.mkdir()
        self.log.touch()
        for tool in TOOLS:
            source = next(p for p in (Path("/usr/bin"), Path("/bin")) if (p / tool).exists())
            (self.bin / tool).symlink_to(source / tool)

    def add(self, name: str, text: str = "#!/bin/sh\nexit 0\n") -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def be_user(self, number: int) -> None:
        self.add("id", f"#!/bin/sh\necho {number}\n")

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": str(self.bin),
            "HOME": str(self.home),
            "LOG": str(self.log),
            **environment,
        }
        return subprocess.run(
            [self.bin / "sh", SCRIPT, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.add("python3", WHOLE_PYTHON)
    machine.add("chromium")
    machine.add("ip")
    fonts = machine.home / ".fonts"
    fonts.mkdir()
    (fonts / "NotoSansCJK-Regular.ttc").touch()
    return machine


@pytest.mark.parametrize("purpose", ["demo", "test"])
def test_a_machine_that_lacks_nothing_is_left_alone(machine: Machine, purpose: str) -> None:
    machine.add("apt-get", LOGGING)
    result = machine.run(purpose)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert machine.log.read_text() == ""


def test_a_demo_needs_neither_browser_nor_fonts(machine: Machine) -> None:
    machine.add("python3", BARE_PYTHON)
    (machine.bin / "chromium").unlink()
    assert machine.run("--list", "demo").stdout.split() == ["python3-venv", "libcurl4"]
    assert machine.run("--list", "test").stdout.split()[:3] == [
        "python3-venv",
        "libcurl4",
        "chromium",
    ]


def test_a_machine_without_python_is_told_so(machine: Machine) -> None:
    (machine.bin / "python3").unlink()
    assert machine.run("--list", "demo").stdout.split() == ["python3", "python3-venv", "libcurl4"]


def test_another_browser_will_do(machine: Machine, tmp_path: Path) -> None:
    (machine.bin / "chromium").unlink()
    assert "chromium" in machine.run("--list", "test").stdout
    machine.add("google-chrome")
    assert "chromium" not in machine.run("--list", "test").stdout
    (machine.bin / "google-chrome").unlink()
    own = tmp_path / "my-chromium"
    own.write_text("")
    own.chmod(0o755)
    assert "chromium" not in machine.run("--list", "test", CHROMIUM=str(own)).stdout


def test_a_user_without_rights_gets_one_line_to_paste(machine: Machine) -> None:
    machine.add("python3", BARE_PYTHON)
    machine.be_user(1000)
    machine.add("apt-get", LOGGING)
    machine.add("sudo", "#!/bin/sh\nexit 1\n")
    result = machine.run("demo")
    assert result.returncode == 2
    assert "sudo apt-get install -y python3-venv libcurl4" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert machine.log.read_text() == ""


def test_root_installs(machine: Machine) -> None:
    machine.add("python3", BARE_PYTHON)
    machine.be_user(0)
    machine.add("apt-get", LOGGING)
    assert machine.run("demo").returncode == 0
    (call,) = machine.log.read_text().splitlines()
    assert call.endswith("apt-get install -y --no-install-recommends python3-venv libcurl4")


def test_passwordless_sudo_installs(machine: Machine) -> None:
    machine.add("python3", BARE_PYTHON)
    machine.be_user(1000)
    machine.add("apt-get", LOGGING)
    machine.add("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    machine.add("true")
    assert machine.run("demo").returncode == 0
    assert "apt-get install -y" in machine.log.read_text()


def test_stale_package_lists_are_renewed(machine: Machine) -> None:
    machine.add("python3", BARE_PYTHON)
    machine.be_user(0)
    machine.add("apt-get", LOGGING + '[ "$1" = update ] || [ -e "$LOG.new" ] || exit 100\n')
    assert machine.run("demo").returncode == 100
    calls = [line.split()[1] for line in machine.log.read_text().splitlines()]
    assert calls == ["install", "update", "install"]


def test_another_system_is_told_what_it_lacks(machine: Machine) -> None:
    machine.add("python3", BARE_PYTHON)
    result = machine.run("demo")
    assert result.returncode == 2
    assert "lacks: python3-venv libcurl4" in result.stderr


@pytest.mark.parametrize("words", [[], ["everything"], ["--list"]])
def test_a_wrong_call_is_explained(machine: Machine, words: list[str]) -> None:
    result = machine.run(*words)
    assert result.returncode == 64
    assert "usage: scripts/system-packages" in result.stderr


def test_the_script_can_be_run() -> None:
    assert os.access(SCRIPT, os.X_OK)
