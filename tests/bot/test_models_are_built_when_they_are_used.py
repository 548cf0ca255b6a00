"""A bot that has just begun is small; each type of the Bot API is built when it is used."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


OTHERWISE = {
    "no base of this name": "deferred.BASES = (*deferred.BASES, ('aiogram.types.base', 'Gone'))",
    "names that are not handed over": """
class Forgetful(dict):
    def update(self, *_):
        pass
deferred._NAMES = Forgetful()
""",
    "nothing is built when it is used": """
from pydantic._internal import _mock_val_ser
def never(self, item):
    raise TypeError('not fully defined')
_mock_val_ser.MockValSer.__getattr__ = never
""",
}
OTHER_VERSION = """
import importlib.util, json, sys, types
from pydantic import BaseModel
spec = importlib.util.spec_from_file_location("deferred", "bot/deferred_models.py")
deferred = importlib.util.module_from_spec(spec)
spec.loader.exec_module(deferred)
{otherwise}
deferred.defer_models()
from aiogram import methods, types
unfinished = [
    name for module in (types, methods) for name in module.__all__
    if isinstance(model := getattr(module, name), type) and issubclass(model, BaseModel)
    and not model.__pydantic_complete__
]
update = types.Update.model_validate(dict(update_id=1, message=dict(
    message_id=2, date=3, chat=dict(id=4, type="private"), text="x")))
print(json.dumps([unfinished, update.message.text, methods.SendMessage(chat_id=1, text="y").text]))
"""


@pytest.mark.parametrize("otherwise", OTHERWISE)
def test_with_other_versions_all_models_are_built_at_once(otherwise: str) -> None:
    told = subprocess.run(
        (sys.executable, "-c", OTHER_VERSION.replace("{otherwise}", OTHERWISE[otherwise])),
        capture_output=True, check=False, cwd=ROOT, text=True, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "models.built_at_once" in told.stdout
    assert json.loads(told.stdout.splitlines()[-1]) == [[], "x", "y"]
