"""What a bot uploads, the person opens byte by byte, and the bot can load again."""

import os
import struct
import zlib

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import BufferedInputFile
from bot_api_side import Side


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x7f" * width for _ in range(height)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


async def send(bot: Bot, side: Side, content: bytes, name: str = "data.csv", **more: object):
    return await bot.send_document(side.operator.id, BufferedInputFile(content, name), **more)


async def test_a_document_arrives_whole(side: Side) -> None:
    await side.operator.send("hi")
    content = os.urandom(300_000)
    async with side.bot() as bot:
        sent = await send(bot, side, content, "导出 1.csv", caption="<b>All</b>", parse_mode="HTML")
        assert (sent.document.file_name, sent.document.file_size) == ("导出 1.csv", 300_000)
        assert sent.caption_entities[0].type == "bold"
        seen = side.operator.last
        assert (seen.document, seen.text) == (content, "All")
        loaded = await bot.download(sent.document)
        assert loaded.read() == content
        again = await bot.send_document(side.operator.id, sent.document.file_id)
        assert again.document.file_unique_id == sent.document.file_unique_id


async def test_the_page_gets_it_under_its_name(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot, aiohttp.ClientSession() as http:
        sent = await send(bot, side, b"<script>alert(1)</script>", "page.html")
        url = f"{side.url}/chat/{side.operator.id}/files/{sent.message_id}/page.html"
        async with http.get(url) as answer:
            assert await answer.read() == b"<script>alert(1)</script>"
            assert answer.headers["Content-Disposition"].startswith("attachment; ")
            assert answer.content_type == "application/octet-stream"
        async with http.get(url.replace(str(side.operator.id), str(side.stranger.id))) as answer:
            assert answer.status == 404


async def test_a_photo_has_its_size(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        sent = await bot.send_photo(side.operator.id, BufferedInputFile(png(64, 48), "a.png"))
        assert (sent.photo[-1].width, sent.photo[-1].height) == (64, 48)
        edited = await bot.edit_message_caption(
            chat_id=side.operator.id, message_id=sent.message_id, caption="new"
        )
        assert edited.caption == "new"
        with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
            await bot.send_photo(side.operator.id, BufferedInputFile(b"no picture", "a.png"))
        with pytest.raises(TelegramBadRequest, match="no text in the message to edit"):
            await bot.edit_message_text("x", chat_id=side.operator.id, message_id=sent.message_id)


async def test_bad_files_are_refused(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        for file, reason in (
            (BufferedInputFile(b"", "empty.csv"), "file must be non-empty"),
            ("nobody-knows", "wrong file identifier/HTTP URL specified"),
            ("https://example.com/a.csv", "failed to get HTTP URL content"),
            ("", "there is no document in the request"),
        ):
            with pytest.raises(TelegramBadRequest, match=reason):
                await bot.send_document(side.operator.id, file)
        with pytest.raises(TelegramBadRequest, match="message caption is too long"):
            await send(bot, side, b"x", caption="x" * 1025)


async def test_documents_end_at_50_megabytes_and_downloads_at_20(side: Side) -> None:
    await side.operator.send("hi")
    async with side.bot() as bot:
        largest = await send(bot, side, bytes(50 * 1024 * 1024))
        with pytest.raises(TelegramBadRequest, match="file is too big"):
            await bot.get_file(largest.document.file_id)
        with pytest.raises(TelegramEntityTooLarge):
            await send(bot, side, bytes(50 * 1024 * 1024 + 1))
