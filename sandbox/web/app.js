// Puts the page together: one person, one bot, and what happens between them.

import { plainText } from "./bubble.js";
import { Composer } from "./composer.js";
import { $ } from "./dom.js";
import { List } from "./list.js";
import { Panel } from "./panel.js";
import * as server from "./server.js";
import { language, speak, t } from "./texts.js";
import { alertBox, copy, toast } from "./toast.js";

const CODES = { en: "en", zh: "zh-hans" };
const pending = new Map();
let typing = 0;
let link = "connecting";
let action = null;
let blocked = false;

const desk = {
  person: 0,
  botName: "",
  tap: (kind, value) => (kind === "bot_command" ? desk.send(value, null) : desk.copy(value)),
  answer: (message) => composer.answer(message),
  show: (id) => list.show(id),
  async copy(text) {
    await copy(text);
    toast(t("copied", { what: text }));
  },
  async send(text, replyTo) {
    const body = replyTo ? { text, reply_to: replyTo } : { text };
    return attempt(() => server.act(desk.person, "send", body));
  },
  async press(messageId, data, button) {
    button.setAttribute("aria-busy", "true");
    const answer = await attempt(() => server.act(desk.person, "press", { message_id: messageId, button: data }));
    if (!answer) return settle(messageId, data);
    if (answered.delete(answer.query_id)) return settle(messageId, data);
    const timer = setTimeout(() => {
      settle(messageId, data);
      pending.delete(answer.query_id);
      toast(t("noAnswer"), { kind: "no-answer" });
    }, answer.seconds * 1000);
    pending.set(answer.query_id, { messageId, data, timer });
  },
};
const answered = new Set();

const list = new List(desk);
const composer = new Composer(desk);
const live = new server.Live(onEvent, (state) => {
  link = state;
  drawStatus();
});

async function attempt(action) {
  try {
    return await action();
  } catch {
    toast(t("notSent"), { kind: "error" });
    return null;
  }
}

function settle(messageId, data) {
  const selector = `[data-message-id="${messageId}"] [data-callback="${CSS.escape(data)}"]`;
  document.querySelector(selector)?.removeAttribute("aria-busy");
}

const on = {
  state(event) {
    desk.botName = event.bot.first_name;
    $("bot-name").textContent = desk.botName;
    for (const id of ["avatar", "empty-avatar"]) $(id).textContent = [...desk.botName][0];
    list.replace(event.messages);
    $("earlier").hidden = !event.more;
    composer.commands(event.commands);
    on.blocked(event);
    on.pin({ message_id: event.pinned });
    drawEmpty();
    composer.keyboard(event.keyboard);
    const code = CODES[language()];
    if (event.person.language_code !== code) server.act(desk.person, "language", { language_code: code });
  },
  message({ message, keyboard }) {
    list.put(message);
    composer.keyboard(keyboard);
    if (message.from.is_bot) on.action({ seconds: 0 });
    if (message.from.is_bot && (keyboard?.force_reply || message.reply_markup?.force_reply)) composer.answer(message);
    drawEmpty();
  },
  edit({ message }) {
    list.put(message);
    on.pin({ message_id: Number($("pinned").dataset.pinned) });
  },
  delete({ message_ids: ids }) {
    list.remove(ids);
    drawEmpty();
  },
  answer(event) {
    const query = pending.get(event.query_id);
    if (query) {
      clearTimeout(query.timer);
      pending.delete(event.query_id);
      settle(query.messageId, query.data);
    } else {
      answered.add(event.query_id);
    }
    if (event.text) (event.alert ? alertBox : toast)(event.text);
    if (event.url) window.open(event.url, "_blank", "noopener");
  },
  action({ action: name, seconds }) {
    clearTimeout(typing);
    action = seconds ? name : null;
    if (seconds) typing = setTimeout(() => on.action({ seconds: 0 }), seconds * 1000);
    drawStatus();
  },
  commands: ({ commands }) => composer.commands(commands),
  blocked({ blocked: now }) {
    blocked = now;
    $("form").hidden = blocked;
    $("unblock").hidden = !blocked;
    $("block").hidden = blocked || list.count === 0;
    drawStatus();
  },
  pin({ message_id: id }) {
    const message = list.message(id);
    $("pinned").dataset.pinned = message ? id : "";
    $("pinned").hidden = !message;
    if (message) $("pinned").querySelector("span").textContent = plainText(message);
  },
};

function onEvent(event) {
  on[event.type]?.(event);
}

function drawStatus() {
  const state = link === "open" ? (action ? "typing" : "bot") : link === "lost" ? "offline" : "connecting";
  $("status").dataset.status = state;
  const upload = state === "typing" && action.startsWith("upload");
  $("status").textContent = t(upload ? "upload" : state === "bot" && blocked ? "blocked" : state);
}

function drawEmpty() {
  $("empty").hidden = list.count > 0;
  $("block").hidden = blocked || list.count === 0;
  $("block").textContent = t("block");
  $("empty-title").textContent = t("emptyTitle", { name: desk.botName });
  $("empty-hint").textContent = t("emptyHint");
}

function become(person) {
  desk.person = person;
  localStorage.setItem("person", person);
  for (const { timer } of pending.values()) clearTimeout(timer);
  pending.clear();
  list.clear();
  composer.answer(null);
  on.action({ seconds: 0 });
  panel.draw(person);
  live.open(person);
  composer.focus();
}

function inLanguage(code) {
  localStorage.setItem("language", code);
  speak(code);
  panel.draw(desk.person);
  list.redraw();
  composer.keyboard(null);
  drawStatus();
  drawEmpty();
  server.act(desk.person, "language", { language_code: CODES[code] });
}

$("start").addEventListener("click", () => desk.send("/start", null));
$("block").addEventListener("click", () => attempt(() => server.act(desk.person, "block", { blocked: true })));
$("unblock").addEventListener("click", () => attempt(() => server.act(desk.person, "block", { blocked: false })));
$("pinned").addEventListener("click", () => list.show(Number($("pinned").dataset.pinned)));
$("earlier").addEventListener("click", async () => {
  const { messages, more } = await server.earlier(desk.person, list.first);
  list.prepend(messages);
  $("earlier").hidden = !more;
});

speak(localStorage.getItem("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
const world = await server.world();
const panel = new Panel(world, { person: become, language: inLanguage });
const known = world.people.map(({ id }) => id);
const before = Number(localStorage.getItem("person"));
become(known.includes(before) ? before : known[0]);
