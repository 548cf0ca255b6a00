// What mtcute's own schema lacks of another layer: readers and writers made from its text.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const LINE = /^([\w.]+)#([0-9a-f]+)((?: \w+:\S+)*) = ([\w.<>]+);$/;
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

function* constructors(text) {
    for (const line of text.split("\n")) {
        const found = LINE.exec(line.replace(/\/\/.*/, "").trim());
        if (!found) continue;
        const fields = found[3].trim() ? found[3].trim().split(" ") : [];
        yield {
            name: found[1].split(".").map(camel).join("."),
            id: parseInt(found[2], 16),
            fields: fields.map((one) => one.split(/:(.*)/, 2)),
        };
    }
}

const TL = dirname(require.resolve("@mtcute/core/tl/api-schema.json"));

export async function ownReaders() {
    return (await import(join(TL, "binary", "reader.js"))).__tlReaderMap;
}

// Ids of people and chats are numbers to mtcute, other longs are objects.
function shortLongs() {
    const names = new Set();
    for (const entry of require(join(TL, "api-schema.json")).e) {
        for (const one of entry.arguments) if (one.type === "int53") names.add(one.name);
    }
    return names;
}

const SHORT = shortLongs();
const PLAIN = {
    int: "int", double: "double", string: "string", bytes: "bytes", Bool: "boolean",
    int128: "int128", int256: "int256", "#": "uint",
};

function method(name, kind) {
    if (kind === "long") return SHORT.has(name) ? "int53" : "long";
    return PLAIN[kind] ?? "object";
}

function reader({ name, fields }) {
    return (r) => {
        const made = { _: name }, flags = {};
        for (const [field, full] of fields) {
            const [, where, bit, kind] = /^(?:(\w+)\.(\d+)\?)?(.+)$/.exec(full);
            if (kind === "#") { flags[field] = r.uint(); continue; }
            const there = where === undefined || (flags[where] >>> Number(bit)) & 1;
            if (kind === "true") { made[camel(field)] = Boolean(there); continue; }
            if (!there) continue;
            const inside = /^[Vv]ector<(.+)>$/.exec(kind);
            made[camel(field)] = inside
                ? r.vector(r[method(field, inside[1])])
                : r[method(field, kind)]();
        }
        return made;
    };
}

// Only readers: the calls that are made here are the same in both layers.
export function lifted(text, readers) {
    const made = { ...readers };
    for (const one of constructors(text)) made[one.id] ??= reader(one);
    return made;
}
