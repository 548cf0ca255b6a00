"""What a session remembers of ids, numbers and answers, beside a plain model of it."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.mtproto.journal import (
    KEPT_ANSWERS,
    KEPT_BYTES,
    KEPT_IDS,
    SEQ_TOO_HIGH,
    SEQ_TOO_LOW,
    Journal,
    Sent,
)

IDS = st.integers(1, 40).map(lambda number: number * 4)


@given(st.lists(st.tuples(IDS, st.integers(0, 24)), max_size=40), st.lists(IDS, max_size=8))
def test_numbers_and_states_follow_from_what_came(came, asked):
    journal, model = Journal(), {}
    for number, seq in came:
        if number in model:
            assert journal.has(number)
            continue
        low = any(one < number and (other > seq or (other == seq and seq % 2))
                  for one, other in model.items())  # fmt: skip
        high = any(one > number and (other < seq or (other == seq and seq % 2))
                   for one, other in model.items())  # fmt: skip
        fault = journal.seq_fault(number, seq)
        assert (fault in (SEQ_TOO_LOW, SEQ_TOO_HIGH)) is (low or high)
        if not fault:
            journal.note(number, seq)
            model[number] = seq
    for number in asked:
        state = journal.state(number)
        if number in model:
            assert state == 4 + 16 * (model[number] % 2 == 0)
        elif not model or number < min(model):
            assert state == 1
        else:
            assert state == (2 if number < max(model) else 3)
        assert journal.state(number + 1) == 1


def test_what_is_forgotten_may_have_come():
    journal = Journal()
    for number in range(1, KEPT_IDS + 2):
        journal.note(number * 4, number * 2 + 1)
    assert journal.too_old(4)
    assert journal.state(4) == 1
    assert not journal.too_old(KEPT_IDS * 4)
    assert journal.has(KEPT_IDS * 4)


@given(st.lists(st.integers(1, KEPT_BYTES * 2), min_size=1, max_size=KEPT_ANSWERS * 2))
def test_answers_take_bounded_room_and_the_newest_is_there(sizes):
    journal = Journal()
    for number, size in enumerate(sizes, 1):
        journal.sent(Sent(number * 4 + 1, 1, memoryview(ROOM)[:size], number * 4))
        kept = [one for one in range(1, number + 1) if journal.answer_to(one * 4)]
        assert kept[-1] == number
        assert kept == list(range(kept[0], number + 1))
        assert len(kept) <= KEPT_ANSWERS
        assert len(kept) == 1 or sum(sizes[one - 1] for one in kept) <= KEPT_BYTES
    journal.confirmed([len(sizes) * 4 + 1, 3])
    assert journal.answer_to(len(sizes) * 4) is None


ROOM = bytes(KEPT_BYTES * 2)
