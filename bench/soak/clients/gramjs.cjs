// GramJS signs in, reads a chat and fetches a file. Its own layer is older: it is given the schema
// of the sandbox's.
const fs = require("fs");
const { createHash } = require("crypto");
const bigInt = require("big-integer");

const given = JSON.parse(process.argv[2]);
if (given.schema) {
    const place = require.resolve("telegram/tl/apiTl.js");
    const exports = fs.readFileSync(given.schema, "utf8");
    require.cache[place] = { id: place, filename: place, loaded: true, exports };
    require("telegram/tl/AllTLObjects").LAYER = given.layer;
}
const { TelegramClient } = require("telegram");
const { MemorySession } = require("telegram/sessions");
const { ConnectionTCPFull } = require("telegram/network");
const { _serverKeys } = require("telegram/crypto/RSA");

// It knows no ports but 80 and 443, and no address for files.
class Here extends ConnectionTCPFull {
    constructor(place) {
        super({ ...place, port: place.port === 80 ? given.port : place.port });
    }
}

async function read(client) {
    await client.start({
        phoneNumber: () => given.phone,
        phoneCode: () => given.code,
        password: () => given.password,
        onError: (error) => { throw error; },
    });
    const messages = [];
    for await (const one of client.iterMessages(given.chat, { limit: undefined })) {
        messages.push([one.id, one.date, one.message ?? ""]);
    }
    const [filed] = await client.getMessages(given.files, { ids: given.file });
    const file = await client.downloadMedia(filed, {});
    return { messages, size: file.length, sha256: createHash("sha256").update(file).digest("hex") };
}

async function main() {
    _serverKeys.set(given.fingerprint, { n: bigInt(given.modulus), e: given.exponent });
    const client = new TelegramClient(new MemorySession(), given.apiId, given.apiHash, {
        connection: Here, connectionRetries: 2, requestRetries: 2,
    });
    client.setLogLevel("none");
    client.session.setDC(2, given.host, given.port);
    client.getDC = async (id, download) => ({
        id, ipAddress: given.host, port: download ? given.mediaPort : given.port,
    });
    try {
        await client.connect();
        return await read(client);
    } finally {
        await client.destroy();
    }
}

main().then(
    (found) => { fs.writeFileSync(given.out, JSON.stringify(found)); process.exit(0); },
    (error) => { console.error(error.errorMessage ?? error); process.exit(1); },
);
