"""Who listens to a chat: one account that may, a member if there is one, for as long as it can."""

from collections.abc import Collection

from core.subscription import Crowd, Post, Subscription, Want, post, subscription_id

ANY = Want(run="r1", task="t1")


def chat(number: int = 1, **fields: object) -> Subscription:
    given = {"chat": -100 * number, "box": "", "source": f"@chat{number}", "wants": (ANY,)}
    given |= fields
    name = subscription_id(given["chat"], given["box"])  # type: ignore[arg-type]
    return Subscription(id=name, **given)  # type: ignore[arg-type]


def crowd(
    *able: int, members: Collection[int] = (), knowing: Collection[int] = (), **load: int
) -> Crowd:
    return Crowd(
        able=able,
        members={-100: members},
        knowing={-100: knowing},
        load={int(name[1:]): count for name, count in load.items()},
    )


def test_a_member_with_the_fewest_chats_reads_and_another_stands_by() -> None:
    found = post(chat(), {"r1"}, crowd(1, 2, 3, members=(1, 2), a1=5, a2=1))
    assert found == Post(reader=2, standby=1, pushed=True)


def test_who_reads_goes_on_reading() -> None:
    one = chat(reader=1, standby=2)
    assert post(one, {"r1"}, crowd(1, 2, members=(1, 2), a1=9)).reader == 1
    assert post(one, {"r1"}, crowd(2, members=(1, 2))) == Post(reader=2, pushed=True)


def test_without_members_whoever_knows_it_polls_then_whoever_may_resolve_it() -> None:
    assert post(chat(), {"r1"}, crowd(1, 2, knowing=(2,))) == Post(reader=2)
    assert post(chat(), {"r1"}, crowd(1, 2)) == Post(reader=1)
    assert post(chat(source="+invite"), {"r1"}, crowd(1, 2)) == Post()


def test_a_member_that_comes_later_takes_over_from_one_that_polls() -> None:
    found = post(chat(reader=2), {"r1"}, crowd(1, 2, members=(1,), knowing=(2,)))
    assert found == Post(reader=1, pushed=True)


def test_only_the_box_s_own_account_reads_a_basic_group() -> None:
    one = chat(box="a2")
    assert post(one, {"r1"}, crowd(1, 2, members=(1, 2))) == Post(reader=2, pushed=True)
    assert post(one, {"r1"}, crowd(1, members=(1, 2))) == Post()


def test_only_accounts_that_an_active_run_allows() -> None:
    first = Want(run="r1", task="t1", keys=("a1",))
    second = Want(run="r2", task="t2", keys=("a3",))
    one = chat(wants=(first, second))
    everybody = {"members": (1, 2, 3)}
    assert post(one, {"r1"}, crowd(1, 2, 3, **everybody)).reader == 1
    assert post(one, {"r2"}, crowd(1, 2, 3, **everybody)).reader == 3
    assert post(one, (), crowd(1, 2, 3, **everybody)) == Post()
    assert (one.runs(), one.tasks()) == (("r1", "r2"), ("t1", "t2"))


def test_who_was_refused_is_not_asked_again_until_it_is_a_member_again() -> None:
    one = chat(refused=(1,))
    assert post(one, {"r1"}, crowd(1, 2, members=(2,))) == Post(reader=2, pushed=True)
    assert post(one, {"r1"}, crowd(1)) == Post()
    assert post(one, {"r1"}, crowd(1, members=(1,))) == Post(reader=1, pushed=True)


def test_many_chats_are_spread_evenly() -> None:
    everybody = Crowd(able=(1, 2, 3, 4, 5))
    chats = [chat(number) for number in range(1, 101)]
    readers = [post(one, {"r1"}, everybody).reader for one in chats]
    assert {readers.count(account) for account in (1, 2, 3, 4, 5)} == {20}
