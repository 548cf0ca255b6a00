// Text with entities to nodes. Offsets are UTF-16 units, which is what JavaScript counts in.

import { make, safeUrl } from "./dom.js";
import { locale, t } from "./texts.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const order = (a, b) => a.offset - b.offset || b.length - a.length || BLOCKS.has(b.type) - BLOCKS.has(a.type);

/** `tap(kind, value)` is called when a command, mention or the like is pressed. */
export function formatted(text, entities = [], tap = () => {}) {
  const fragment = document.createDocumentFragment();
  fill(fragment, text, [...entities].sort(order), 0, text.length, tap);
  return fragment;
}

function fill(parent, text, entities, start, end, tap) {
  let position = start;
  let afterBlock = false;
  const plain = (until) => {
    let piece = text.slice(position, until);
    if (afterBlock && piece.startsWith("\n")) piece = piece.slice(1);
    if (piece) parent.append(piece);
    position = until;
  };
  const queue = [...entities];
  while (queue.length) {
    const entity = queue.shift();
    const first = Math.max(entity.offset, position);
    const last = Math.min(entity.offset + entity.length, end);
    if (first >= last) continue;
    plain(first);
    const inside = queue.filter((other) => other.offset < last);
    const node = element(entity, text.slice(first, last), tap);
    fill(node.inner ?? node, text, inside, first, last, tap);
    parent.append(node.outer ?? node);
    position = last;
    afterBlock = BLOCKS.has(entity.type);
    if (afterBlock && text[position] === "\n" && position < end) position += 1;
    afterBlock = false;
    const rest = inside.filter((other) => other.offset + other.length > last);
    queue.splice(0, queue.length, ...rest, ...queue.filter((other) => other.offset >= last));
  }
  plain(end);
}

function element(entity, value, tap) {
  const kind = entity.type;
  if (kind in TAGS) return make(TAGS[kind]);
  switch (kind) {
    case "pre":
      return block(make("pre", { "data-language": entity.language }));
    case "blockquote":
    case "expandable_blockquote":
      return quote(kind !== "blockquote");
    case "spoiler":
      return spoiler();
    case "text_link":
      return link(entity.url);
    case "url":
      return link(/^[a-z]+:/i.test(value) ? value : `https://${value}`);
    case "email":
      return link(`mailto:${value}`);
    case "bot_command":
    case "mention":
      return make("button", { type: "button", class: "tap", "data-tap": kind, onclick: () => tap(kind, value) });
    case "date_time":
      return moment(entity.unix_time);
    default:
      return make("span", { class: kind === "hashtag" || kind === "cashtag" ? "tag" : null });
  }
}

const block = (node) => ({ outer: node, inner: node });

function link(target) {
  const href = safeUrl(target);
  return href ? make("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }) : make("span");
}

function moment(unix) {
  const date = new Date(unix * 1000);
  return make("time", { datetime: date.toISOString(), title: date.toLocaleString(locale()) });
}

function spoiler() {
  const node = make("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": t("spoiler") });
  const show = () => {
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", show, { once: true });
  node.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return node;
}

function quote(folds) {
  const inner = make("div", { class: "inside" });
  const outer = make("blockquote", { class: folds ? "folded" : null }, inner);
  if (folds) {
    const toggle = make("button", { type: "button", class: "unfold", "data-unfold": true }, t("more"));
    toggle.addEventListener("click", () => {
      toggle.textContent = t(outer.classList.toggle("folded") ? "more" : "less");
    });
    outer.append(toggle);
  }
  return { outer, inner };
}

export function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  while (value >= 1000 && units.length > 1) {
    value /= 1000;
    units.shift();
  }
  return `${value.toLocaleString(locale(), { maximumFractionDigits: value < 10 ? 1 : 0 })} ${units[0]}`;
}

