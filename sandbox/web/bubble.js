// One message as an element.

import { icon, make, safeUrl } from "./dom.js";
import { fileSize, formatted } from "./formatting.js";
import { fileUrl } from "./server.js";
import { locale, t } from "./texts.js";

/** `desk` has what a bubble may ask for: person, botName, tap, press, copy, answer, show. */
export function bubble(message, desk) {
  const mine = !message.from.is_bot;
  const rows = message.reply_markup?.inline_keyboard;
  const node = make("li", {
    class: `message${mine ? " mine" : ""}${rows ? " has-keyboard" : ""}`,
    "data-message-id": message.message_id,
    "data-mine": mine,
  });
  const box = make("div", { class: "bubble" });
  box.append(...parts(message, desk));
  node.append(box);
  if (rows) node.append(keyboard(message, rows, desk));
  box.append(make("button", { type: "button", class: "answer-it", "aria-label": t("reply"), title: t("reply"), "data-action": "reply", onclick: () => desk.answer(message) }, icon("reply")));
  return node;
}

export const plainText = (message) =>
  message.text ?? message.caption ?? message.document?.file_name ?? (message.photo ? t("photo") : "");

export const author = (message, desk) => (message.from.is_bot ? desk.botName : t("you"));

function* parts(message, desk) {
  if (message.reply_to_message) yield quoted(message, desk);
  if (message.photo) yield photo(message, desk);
  if (message.document) yield file(message, desk);
  const text = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities;
  const content = make("div", { class: "content", "data-content": true }, formatted(text ?? "", entities, desk.tap));
  yield make("div", { class: "body", dir: "auto" }, content, meta(message));
}


function quoted(message, desk) {
  const original = message.reply_to_message;
  return make(
    "button",
    { type: "button", class: "quoted", "data-reply-to": original.message_id, onclick: () => desk.show(original.message_id) },
    make("strong", {}, author(original, desk)),
    make("span", {}, message.quote?.text ?? plainText(original)),
  );
}

function photo(message, desk) {
  const { width, height } = message.photo.at(-1);
  const src = fileUrl(desk.person, message.message_id, "photo");
  const image = make("img", { src, width, height, alt: message.caption ?? t("photo"), loading: "lazy" });
  return make("a", { class: "photo", href: src, target: "_blank", "data-photo": true }, image);
}

function file(message, desk) {
  const { file_name: name, file_size: size } = message.document;
  return make(
    "a",
    { class: "document", href: fileUrl(desk.person, message.message_id, name), download: name, "data-document": name },
    make("span", { class: "disc" }, icon("file")),
    make("span", {}, make("b", {}, name), make("small", {}, fileSize(size))),
  );
}

function meta(message) {
  const date = new Date(message.date * 1000);
  const clock = date.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hour12: false });
  const edited = message.edit_date ? make("span", { "data-edited": true }, t("edited")) : null;
  return make("span", { class: "meta" }, edited, make("time", { datetime: date.toISOString(), title: date.toLocaleString(locale()) }, clock));
}

function keyboard(message, rows, desk) {
  const board = make("div", { class: "keyboard", "data-keyboard": true });
  for (const row of rows) board.append(make("div", { class: "row" }, ...row.map((key) => button(message, key, desk))));
  return board;
}

function button(message, key, desk) {
  const shared = { class: "key", "data-button": key.text, "data-style": key.style };
  if (key.url) {
    const href = safeUrl(/^[a-z]+:/i.test(key.url) ? key.url : `https://${key.url}`);
    return make("a", { ...shared, href, target: "_blank", rel: "noopener noreferrer", title: href }, key.text, icon("link"));
  }
  if (key.copy_text) {
    const copy = () => desk.copy(key.copy_text.text);
    return make("button", { ...shared, type: "button", title: t("copies", { what: key.copy_text.text }), onclick: copy }, key.text, icon("copy"));
  }
  const node = make("button", { ...shared, type: "button", "data-callback": key.callback_data, disabled: key.callback_data === undefined }, key.text);
  node.addEventListener("click", () => desk.press(message.message_id, key.callback_data, node));
  return node;
}
