// The messages on the screen: one element a message, changed in place, and the scrolling.

import { bubble } from "./bubble.js";
import { $, make } from "./dom.js";
import { locale, t } from "./texts.js";

const NEAR = 90;

export class List {
  #shown = new Map();
  #unread = 0;
  #shape = "";

  constructor(desk) {
    this.desk = desk;
    this.scroller = $("scroller");
    this.root = $("messages");
    this.scroller.addEventListener("scroll", () => this.#watchScroll(), { passive: true });
    $("to-bottom").addEventListener("click", () => this.toBottom(true));
    new ResizeObserver(() => this.sticky && this.toBottom()).observe(this.root);
    new ResizeObserver(() => this.sticky && this.toBottom()).observe(this.scroller);
    this.sticky = true;
  }

  get count() {
    return this.#shown.size;
  }

  get first() {
    return Math.min(...this.#shown.keys());
  }

  message(id) {
    return this.#shown.get(id)?.message;
  }

  /** Shows exactly these; what did not change keeps its element. */
  replace(messages) {
    const wanted = new Set(messages.map((message) => message.message_id));
    for (const id of [...this.#shown.keys()]) if (!wanted.has(id)) this.remove([id]);
    for (const message of messages) this.put(message, { quiet: true });
    this.toBottom();
  }

  /** Adds or changes one. Returns true if it was new. */
  put(message, { quiet = false } = {}) {
    const id = message.message_id;
    const before = this.#shown.get(id);
    const key = JSON.stringify(message);
    if (before?.key === key) return false;
    const node = bubble(message, this.desk);
    this.#shown.set(id, { message, key, node });
    if (before) this.#swap(before.node, node, quiet);
    else this.#insert(id, node, quiet);
    if (!before) this.#regroup();
    else node.classList.toggle("first", before.node.classList.contains("first"));
    if (!before && !quiet) this.#arrived(message);
    return !before;
  }

  remove(ids) {
    for (const id of ids) {
      this.#shown.get(id)?.node.remove();
      this.#shown.delete(id);
    }
    this.#regroup();
  }

  clear() {
    this.#shown.clear();
    this.root.replaceChildren();
    this.#unread = 0;
  }

  /** Draws everything anew, in the language of now. */
  redraw() {
    const messages = [...this.#shown.values()].map((each) => each.message);
    this.clear();
    this.replace(messages);
  }

  show(id) {
    const node = this.#shown.get(id)?.node;
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
  }

  toBottom(smooth = false) {
    this.sticky = true;
    const { scrollHeight, clientHeight } = this.scroller;
    this.#shape = `${scrollHeight}/${clientHeight}`;
    $("to-bottom").hidden = true;
    this.scroller.scrollTo({ top: scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.#count(0);
  }

  /** Adds older ones above without moving what is read. */
  prepend(messages) {
    const height = this.scroller.scrollHeight;
    this.sticky = false;
    for (const message of messages) this.put(message, { quiet: true });
    this.scroller.scrollTop += this.scroller.scrollHeight - height;
  }

  #insert(id, node, quiet) {
    const last = this.root.lastElementChild;
    if (!quiet) node.classList.add("arrived");
    if (!last || Number(last.dataset.messageId) < id) return this.root.append(node);
    const next = [...this.#shown.keys()].filter((other) => other > id).sort((a, b) => a - b)[0];
    this.root.insertBefore(node, this.#shown.get(next).node);
  }

  #swap(old, node, quiet) {
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.callback : undefined;
    old.replaceWith(node);
    for (const busy of old.querySelectorAll("[aria-busy=true]")) {
      node.querySelector(`[data-callback="${CSS.escape(busy.dataset.callback)}"]`)?.setAttribute("aria-busy", "true");
    }
    if (focused !== undefined) {
      const same = node.querySelector(`[data-callback="${CSS.escape(focused)}"]`) ?? node.querySelector(".key");
      same?.focus({ preventScroll: true });
    }
    if (!quiet) node.classList.add("edited-now");
  }

  /** Days between messages, and which bubble begins a run of one side. */
  #regroup() {
    for (const day of this.root.querySelectorAll(".day")) day.remove();
    let day, mine;
    const ordered = [...this.#shown.entries()].sort((a, b) => a[0] - b[0]);
    for (const [, { message, node }] of ordered) {
      const date = new Date(message.date * 1000);
      if (date.toDateString() !== day) node.before(make("li", { class: "day" }, dayName(date)));
      const first = date.toDateString() !== day || mine !== node.dataset.mine;
      node.classList.toggle("first", first);
      day = date.toDateString();
      mine = node.dataset.mine;
    }
  }

  #arrived(message) {
    if (this.sticky || !message.from.is_bot) this.toBottom();
    else this.#count(this.#unread + 1);
  }

  /** Only the reader leaves the bottom: a scroll that a change of size caused does not count. */
  #watchScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const shape = `${scrollHeight}/${clientHeight}`;
    const resized = shape !== this.#shape;
    this.#shape = shape;
    if (resized && this.sticky) return this.toBottom();
    this.sticky = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.sticky) this.#count(0);
    $("to-bottom").hidden = this.sticky;
  }

  #count(unread) {
    this.#unread = unread;
    $("unread").textContent = unread || "";
  }
}

function dayName(date) {
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return t("today");
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === yesterday.toDateString()) return t("yesterday");
  return date.toLocaleDateString(locale(), { day: "numeric", month: "long", year: "numeric" });
}
