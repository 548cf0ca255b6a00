"""A bot that has just begun is small; each type of the Bot API is built when it is used."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 140 * 2**20
FRESH = """
import json
from pathlib import Path
import bot.app
from aiogram import methods, types
from aiogram.methods.base import Response
from pydantic import BaseModel

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

fresh, models, broken = resident(), 0, []
for module in (types, methods):
    for name in module.__all__:
        model = getattr(module, name)
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            continue
        models += 1
        try:
            model.__pydantic_validator__.validate_python
            model.__pydantic_serializer__.to_python
            if issubclass(model, methods.TelegramMethod) and model is not methods.TelegramMethod:
                Response[model.__returning__].__pydantic_validator__.validate_python
        except Exception as error:
            broken.append(f"{name}: {error}")
        if not model.__pydantic_complete__:
            broken.append(name)
print(json.dumps([fresh, models, broken]))
"""


def test_every_model_is_built_when_it_is_used() -> None:
    told = subprocess.run(
        (sys.executable, "-c", FRESH),
        capture_output=True, check=True, cwd=ROOT, text=True, timeout=120,
    )  # fmt: skip
    fresh, models, broken = json.loads(told.stdout)
    assert broken == []
    assert models > 400
    assert fresh < MOST
