"""Builds what the project needs from hashed locks.

`setup.py runtime | pkcs11 | dev | database15 | browser | fonts | scanner | proxy | token | poppler |
centre | load | identity | wallets`, or `setup.py lock [--upgrade]`.

Runs on a bare Debian 12 (python3 and pip), standard library only, as root or not, from any folder. Each step leaves a
stamp, the hash of its lock, beside what it made: a second call finds the stamp and does nothing, without network.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, ".tools")
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
UV = os.path.join(TOOLS, "bin", "uv")
SUPPORTED = ((3, 11), (3, 12))
# dev.lock holds runtime.lock's versions and more, so an environment for developing serves to run as well.
# pkcs11.lock adds to the runtime what a master key in a token needs.
SERVED_BY = {"runtime": ("runtime", "pkcs11", "dev"), "pkcs11": ("pkcs11", "dev"), "dev": ("dev",)}
PROGRAMS = {
    "scanner": ("clamd", "clamav-daemon", "the scanner's contract tests"),  # no signatures are fetched
    "proxy": ("nginx", "nginx-light", "the tests of deploy/"),
    "token": ("softhsm2-util", "softhsm2", "the tests of tokens"),
    "poppler": ("pdfsig", "poppler-utils", "the tests of signed papers"),
    "centre": ("Net::SMPP", "libnet-smpp-perl", "the tests of SMPP"),  # a module of Perl
    "load": ("wrk", "wrk", "the benches that send requests"),
    # a file: characters that the serif of fonts-noto-cjk has not
    "fonts": ("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", "fonts-hanazono", "the tests of papers"),
}
STAND_INS = {"identity": "real-name sign-in", "wallets": "wallets and verifiers of others"}
STEPS = (
    "runtime, pkcs11, dev, database15, browser, fonts, scanner, proxy, token, poppler, centre, load, "
    "identity, wallets, lock"
)
SERVERS = ":/usr/sbin"
CJK_FONTS = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
DEBIAN_BINDIR = "/usr/lib/postgresql/15/bin"
INSTALL = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")


class Stop(Exception):
    """Set-up cannot go on; the text says what to do."""


def main(arguments: list[str]) -> int:
    """Do one step and return the exit code: 0 done, 1 with a message on standard error."""
    step = arguments[0] if arguments else "runtime"
    try:
        if step in SERVED_BY:
            prepare_environment(step)
        elif step == "database15":
            return prepare_database15()
        elif step == "browser":
            return prepare_browser()
        elif step in STAND_INS:
            return prepare_stand_in(step, STAND_INS[step])
        elif step in PROGRAMS:
            return prepare_program(*PROGRAMS[step])
        elif step == "lock":
            make_locks(arguments[1:])
        else:
            raise Stop(f"setup.py does not know '{step}'. It knows: {STEPS}.")
    except Stop as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def prepare_environment(wanted: str) -> None:
    """Make .venv hold exactly what the wanted lock says, unless it serves already."""
    if os.path.exists(PYTHON) and read(stamp_of(VENV)) in acceptable_stamps(wanted):
        return
    uv = prepare_uv()
    if not os.path.exists(PYTHON):
        check_version(sys.version_info[:2])
        run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
    forget(stamp_of(VENV))
    run(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, lock_path(wanted))
    write(stamp_of(VENV), lock_stamp(wanted))


def prepare_uv() -> str:
    """Install the locked uv into .tools by pip, hash checked, unless it is there. Return its path."""
    if os.path.exists(UV) and read(stamp_of(TOOLS)) == lock_stamp("tools"):
        return UV
    forget(stamp_of(TOOLS))
    pip = [sys.executable, "-m", "pip"]
    if run(*pip, "--version", is_quiet=True, is_checked=False):
        raise Stop("pip is missing. On Debian: apt install python3-pip")
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target", TOOLS]
    run(*pip, "install", *options, "--require-hashes", "-r", lock_path("tools"))
    write(stamp_of(TOOLS), lock_stamp("tools"))
    return UV


def make_locks(options: list[str]) -> None:
    """Write the locks anew from requirements/*.in, without addresses; `--upgrade` takes newer versions."""
    uv = prepare_uv()
    shape = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11"]
    shape += ["--no-emit-index-url", "--no-emit-find-links", "--quiet", *options]
    within = ["-c", "requirements/runtime.lock"]
    for name, constraint in (("tools", []), ("runtime", []), ("pkcs11", within), ("dev", within)):
        run(uv, "pip", "compile", *shape, *constraint, "-o", f"requirements/{name}.lock", f"requirements/{name}.in")


def prepare_database15() -> int:
    """Find PostgreSQL 15, as root on Debian install it. Return 0 when it is there or may be missing."""
    if find_postgres15():
        return 0
    if is_root_on_debian():
        install_postgres15()
        if find_postgres15():
            return 0
    text = "not run: PostgreSQL 15 not found. On Debian: apt install postgresql-15; elsewhere set YZT_POSTGRES15."
    print(text, file=sys.stderr)
    return 1 if is_ci() else 0


def prepare_program(name: str, package: str, why: str) -> int:
    """Find a program, as root on Debian install its package. Return 0 when it is there or may be missing."""
    if find_program(name):
        return 0
    if is_root_on_debian():
        print(f"Installing {package} by apt, for the tests only: {why}.", file=sys.stderr)
        install(package)
        if find_program(name):
            return 0
    print(f"not run: {why}. {name} not found. On Debian: apt install {package}.", file=sys.stderr)
    return 1 if is_ci() else 0


def prepare_browser() -> int:
    """Find Chromium and fonts with Chinese in them, as root on Debian install both. Return 1 when one is missing.

    Without a browser the pages are not tested, so nothing is: unlike other programs it is never left out.
    """
    if has_browser():
        return 0
    if is_root_on_debian():
        print("Installing chromium and fonts-noto-cjk by apt, for the tests only: pages in a browser.", file=sys.stderr)
        install("chromium", "fonts-noto-cjk")
        if has_browser():
            return 0
    print("The pages' tests need them. On Debian: apt install chromium fonts-noto-cjk.", file=sys.stderr)
    return 1


def has_browser() -> bool:
    return bool(find_program("chromium")) and os.path.exists(CJK_FONTS)


def prepare_stand_in(name: str, why: str) -> int:
    """Install the locked npm packages of tests/NAME/stand_in. Return 0: they are there or may be missing.

    Their lock holds versions and hashes; `npm` takes them from wherever this machine gets its packages.
    """
    folder = os.path.join(ROOT, "tests", name, "stand_in")
    modules = os.path.join(folder, "node_modules")
    wanted = read(os.path.join(folder, "package-lock.json"))
    if wanted and read(stamp_of(modules)) == wanted and find_program("node"):
        return 0
    if not find_program("npm") and is_root_on_debian():
        print(f"Installing nodejs and npm by apt, for the tests only: {why}.", file=sys.stderr)
        install("nodejs", "npm")
    clean = ("npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund")
    if find_program("npm") and find_program("node") and not run(*clean, is_quiet=True, is_checked=False):
        write(stamp_of(modules), wanted)
        return 0
    text = f"not run: the tests of {why}. npm or its packages are missing. On Debian: apt install nodejs npm"
    print(text, file=sys.stderr)
    return 1 if is_ci() else 0


def find_program(name: str) -> str:
    """Return the path of a program, of Perl for a module of it, of a file that is named whole; empty: there is none.

    Debian's servers lie where users do not look.
    """
    import shutil

    if name.startswith("/"):
        return name if os.path.isfile(name) else ""
    if "::" in name:
        perl = shutil.which("perl") or ""
        return perl if perl and not run(perl, f"-M{name}", "-e", "1", is_quiet=True, is_checked=False) else ""
    return shutil.which(name, path=os.environ.get("PATH", "") + SERVERS) or ""


def install(*packages: str) -> bool:
    """Whether apt has installed Debian's packages, without a question."""
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return not run("apt-get", "update", "-qq", is_checked=False) and not run(*INSTALL, *packages, is_checked=False)


def is_root_on_debian() -> bool:
    return os.geteuid() == 0 and os.path.exists("/etc/debian_version")


def find_postgres15() -> str:
    """Return the folder of PostgreSQL 15's programs, empty when there is none; $YZT_POSTGRES15 is asked first."""
    import shutil  # here and below: a warm call imports nothing it does not need

    candidates = [os.environ.get("YZT_POSTGRES15", ""), DEBIAN_BINDIR]
    if shutil.which("pg_config"):
        candidates.append(output_of("pg_config", "--bindir"))
    for bindir in candidates:
        server = os.path.join(bindir, "postgres")
        if (
            bindir
            and os.access(server, os.X_OK)
            and output_of(server, "--version").startswith("postgres (PostgreSQL) 15")
        ):
            return bindir
    return ""


def install_postgres15() -> None:
    """Install Debian's package without letting it make or start a cluster; its configuration is put back."""
    print("Installing PostgreSQL 15 by apt, for the tests only.", file=sys.stderr)
    if not install("postgresql-common"):
        return
    configuration = "/etc/postgresql-common/createcluster.conf"
    before = read(configuration)
    write(configuration, without_main_cluster(before))
    try:
        run(*INSTALL, "postgresql-15", is_checked=False)
    finally:
        write(configuration, before)


def without_main_cluster(configuration: str) -> str:
    """Return createcluster.conf with `create_main_cluster = false` in place of what it says about it."""
    lines = [line for line in configuration.splitlines() if not line.lstrip().startswith("create_main_cluster")]
    return "\n".join([*lines, "create_main_cluster = false", ""])


def check_version(version: tuple[int, ...]) -> None:
    """Raise Stop unless this Python can carry the platform."""
    if tuple(version) not in SUPPORTED:
        found = ".".join(map(str, version))
        raise Stop(f"Python 3.11 or 3.12 is needed, this is {found}. Call it as: make PYTHON=/path/to/python3.11 up")


def acceptable_stamps(wanted: str) -> set[str]:
    """Return every stamp that says the environment serves."""
    return {lock_stamp(name) for name in SERVED_BY[wanted]}


def lock_stamp(name: str) -> str:
    """Return the name and hash of a lock; those that contain the runtime's cover it."""
    import hashlib

    locks = ("runtime", name) if name in ("pkcs11", "dev") else (name,)
    digest = hashlib.sha256()
    for lock in locks:
        with open(lock_path(lock), "rb") as file:
            digest.update(file.read())
    return f"{name} {digest.hexdigest()}\n"


def lock_path(name: str) -> str:
    """Return the path of a lock."""
    return os.path.join(ROOT, "requirements", f"{name}.lock")


def stamp_of(folder: str) -> str:
    """Return the path of the stamp beside what a step made."""
    return os.path.join(folder, ".lock-stamp")


def is_ci() -> bool:
    """Whether this is a run whose gaps are failures."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def tool_environment() -> dict[str, str]:
    """Return the environment for pip and uv: no Python downloads, a writable cache, pip's mirror for uv too."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    environment |= {"PIP_USER": "0", "PIP_ROOT_USER_ACTION": "ignore"}
    cache = environment.get("XDG_CACHE_HOME") or os.path.join(environment.get("HOME") or "/nonexistent", ".cache")
    if not environment.get("UV_CACHE_DIR") and not can_write(cache):
        environment["UV_CACHE_DIR"] = os.path.join(TOOLS, "cache")
    mirror = environment.get("PIP_INDEX_URL") or ""
    if mirror and not environment.get("UV_DEFAULT_INDEX"):
        environment["UV_DEFAULT_INDEX"] = mirror
    if environment.get("PIP_CERT") and not environment.get("SSL_CERT_FILE"):
        environment["SSL_CERT_FILE"] = environment["PIP_CERT"]
    return environment


def can_write(folder: str) -> bool:
    """Whether a folder can be written, or made where only it is missing; never one of the system's root."""
    nearest = folder if os.path.isdir(folder) else os.path.dirname(folder)
    return nearest != "/" and os.path.isdir(nearest) and os.access(nearest, os.W_OK | os.X_OK)


def run(*command: str, is_quiet: bool = False, is_checked: bool = True) -> int:
    """Run a program in the checkout and return its exit code. Raises Stop when it fails and is checked."""
    import subprocess

    output = subprocess.DEVNULL if is_quiet else None
    code = subprocess.run(
        command, cwd=ROOT, env=tool_environment(), stdout=output, stderr=output, check=False
    ).returncode
    if code and is_checked:
        raise Stop(f"This failed with {code}: {' '.join(command)}")
    return code


def output_of(*command: str) -> str:
    """Return what a program prints, empty when it fails."""
    import subprocess

    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return "" if result.returncode else result.stdout.strip()


def read(path: str) -> str:
    """Return a file's text, empty when there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write(path: str, text: str) -> None:
    """Write a file's text."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def forget(path: str) -> None:
    """Remove a stamp before what it vouches for changes."""
    if os.path.exists(path):
        os.remove(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
