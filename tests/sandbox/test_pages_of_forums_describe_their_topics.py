"""`messages.channelMessages.topics`: the topics that the messages of the page are in."""

from telethon.tl import types
from telethon_side import channel, crew_client, page

from sandbox.chat import ChatKind
from sandbox.content.service import TOPICS
from sandbox.seed import small_world
from sandbox.server import Sandbox


def topic_of(message):
    """As a client tells it from the message alone."""
    if isinstance(message.action, types.MessageActionTopicCreate):
        return message.id
    reply = message.reply_to
    if isinstance(reply, types.MessageReplyHeader) and reply.forum_topic:
        return reply.reply_to_top_id or reply.reply_to_msg_id
    return 1


async def test_each_topic_of_a_page_once(sandbox_folder):
    world = small_world(
        chats={"python_forum": 400, "alpha_chat": 50}, kinds={"python_forum": ChatKind.FORUM}
    )
    chat = world.chat("python_forum")
    async with Sandbox(world, sandbox_folder) as sandbox, crew_client(sandbox) as client:
        peer = await channel(client, "python_forum")
        newest = await page(client, peer)
        oldest = await page(client, peer, offset_id=7)
        sandbox.faults.empty_messages(chat.id, oldest=1, newest=6)
        nothing = await page(client, peer, offset_id=7)
        plain = await page(client, await channel(client, "alpha_chat"))
    ordinary = [one for one in newest.messages if isinstance(one, types.Message)]
    assert {topic_of(one) for one in ordinary} <= {topic.id for topic in newest.topics}
    assert len({topic.id for topic in newest.topics}) == len(newest.topics) == 6
    for topic in newest.topics:
        assert topic.title == ("General", *TOPICS[chat.language])[topic.id - 1]
        assert topic.top_message in chat
        assert topic.peer == types.PeerChannel(chat.id)
        assert topic.from_id.user_id in {user.id for user in newest.users}
    tops = {topic.id: topic.top_message for topic in newest.topics}
    for one in ordinary:
        assert one.id <= tops[topic_of(one)]
    assert [topic.id for topic in oldest.topics] == [6, 5, 4, 3, 2, 1]
    assert (nothing.topics, plain.topics) == ([], [])
