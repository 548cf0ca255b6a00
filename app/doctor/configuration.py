"""The settings and the keys."""

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet
from dotenv import dotenv_values

from app.doctor.finding import Finding, bad, good, poor
from core.settings import Role, Settings, SettingsError

ALIKE = 0.8
OTHERS_MAY_READ = 0o077


def look_at_settings(settings: Settings, roles: Sequence[Role]) -> list[Finding]:
    """Whether the roles have what they need."""
    try:
        settings.require_for(*roles)
    except SettingsError as error:
        missing = (line.partition(": ") for line in str(error).splitlines())
        return [bad("Settings", what, advice) for what, _, advice in missing]
    return [good("Settings", f"complete for {' and '.join(roles)}")]


def look_at_file(env_file: Path | None) -> list[Finding]:
    """Names in the file that are nearly ours, and who may read its secrets."""
    if env_file is None or not env_file.exists():
        return []
    known = [name.upper() for name in Settings.model_fields]
    findings = []
    for name in dotenv_values(env_file):
        alike = difflib.get_close_matches(name.upper(), known, n=1, cutoff=ALIKE)
        if alike and name.upper() not in known:
            advice = f"Did you mean {alike[0]}?"
            findings.append(
                poor("Settings", f"{env_file} sets {name}, which nothing reads", advice)
            )
    if os.name == "posix" and env_file.stat().st_mode & OTHERS_MAY_READ:
        advice = f"chmod 600 {env_file}"
        findings.append(poor("Settings", f"other users may read {env_file}", advice))
    return findings


def look_at_keys(settings: Settings) -> list[Finding]:
    """Whether the newest key encrypts and each key is there once."""
    keys = [key.get_secret_value() for key in settings.session_keys]
    if not keys:
        return []
    if len(set(keys)) < len(keys):
        return [poor("Session keys", "a key is given twice", "Remove the second one.")]
    for key in keys:
        cipher = Fernet(key)
        cipher.decrypt(cipher.encrypt(b"telecrew"))
    older = f", {len(keys) - 1} older" if len(keys) > 1 else ""
    return [good("Session keys", f"the newest encrypts{older}")]
