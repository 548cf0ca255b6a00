"""Two-step passwords of the world's accounts, and the questions asked about them."""

from sandbox.mtproto.rpc import RpcError
from sandbox.mtproto.srp import Challenge, Verifier
from sandbox.people import Person

_KEPT = 256


class Passwords:
    def __init__(self) -> None:
        self._verifiers: dict[tuple[int, str], Verifier] = {}
        self._asked: dict[int, tuple[int, Challenge]] = {}

    def ask(self, person: Person) -> tuple[Verifier, Challenge]:
        """A new question for somebody with a password."""
        secret = person.password or ""
        verifier = self._verifiers.get((person.id, secret))
        if verifier is None:
            verifier = self._verifiers[person.id, secret] = Verifier.of(secret)
        challenge = Challenge(verifier)
        while len(self._asked) >= _KEPT:
            del self._asked[next(iter(self._asked))]
        self._asked[challenge.id] = (person.id, challenge)
        return verifier, challenge

    def accepts(self, person: Person, answer) -> bool:
        """Raises RpcError when no such question is open."""
        asked, challenge = self._asked.pop(answer.srp_id, (None, None))
        if challenge is None or asked != person.id:
            raise RpcError(400, "SRP_ID_INVALID")
        return challenge.accepts(answer.A, answer.M1)
