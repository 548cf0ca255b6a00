// mtcute signs in, reads a chat and fetches a file. Its own layer is older: what it lacks of the
// sandbox's is made from the schema.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { MemoryStorage, TelegramClient } from "@mtcute/node";
import { addPublicKey, NodeCryptoProvider } from "@mtcute/node/utils.js";
import { lifted, ownReaders } from "./schema.mjs";

const given = JSON.parse(process.argv[2]);
const place = { id: 2, ipAddress: given.host, port: given.port };
const crypto = new NodeCryptoProvider();

async function read(client) {
    await client.start({
        phone: given.phone,
        code: () => given.code,
        password: given.password,
    });
    const messages = [];
    for await (const one of client.iterHistory(given.chat)) {
        messages.push([one.id, Math.floor(one.date.getTime() / 1000), one.raw.message ?? ""]);
    }
    const [filed] = await client.getMessages(given.files, given.file);
    const file = await client.downloadAsBuffer(filed.media);
    return { messages, size: file.length, sha256: createHash("sha256").update(file).digest("hex") };
}

async function main() {
    await crypto.initialize();
    addPublicKey(crypto, readFileSync(given.key, "utf8"));
    const newer = given.schema && {
        overrideLayer: given.layer,
        readerMap: lifted(readFileSync(given.schema, "utf8"), await ownReaders()),
    };
    const client = new TelegramClient({
        apiId: given.apiId,
        apiHash: given.apiHash,
        storage: new MemoryStorage(),
        defaultDcs: { main: place, media: { ...place, port: given.mediaPort, mediaOnly: true } },
        updates: false,
        crypto,
        logLevel: 0,
        ...newer,
    });
    try {
        return await read(client);
    } finally {
        await client.destroy();
    }
}

main().then(
    (found) => { writeFileSync(given.out, JSON.stringify(found)); process.exit(0); },
    (error) => { console.error(error.text ?? error); process.exit(1); },
);
