// What the person types: lines, commands with completion, replies, the bot's reply keyboard.

import { author, plainText } from "./bubble.js";
import { $, make } from "./dom.js";
import { t } from "./texts.js";

export class Composer {
  #commands = [];
  #chosen = -1;
  #answering = null;

  constructor(desk) {
    this.desk = desk;
    this.field = $("text");
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    $("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    $("commands").addEventListener("click", () => this.#toggleMenu());
    $("answering-stop").addEventListener("click", () => this.answer(null));
    document.addEventListener("pointerdown", (event) => {
      if (!$("composer").contains(event.target)) this.#suggest([]);
    });
    this.#changed();
  }

  commands(list) {
    this.#commands = list;
    $("commands").hidden = list.length === 0;
    if (!$("suggestions").hidden) this.#complete();
  }

  answer(message) {
    this.#answering = message?.message_id ?? null;
    $("answering").hidden = !message;
    if (!message) return;
    $("answering").querySelector("strong").textContent = author(message, this.desk);
    $("answering").querySelector("span").textContent = plainText(message);
    this.field.focus();
  }

  /** The keyboard that the bot put below the text, or its wish for a reply. */
  keyboard(markup) {
    const rows = markup?.keyboard ?? [];
    const board = $("reply-keyboard");
    board.hidden = rows.length === 0;
    board.replaceChildren(
      ...rows.map((row) => make("div", {}, ...row.map((key) => this.#replyKey(key.text, markup)))),
    );
    this.field.placeholder = markup?.input_field_placeholder ?? t("placeholder");
  }

  focus() {
    if (matchMedia("(hover: hover)").matches) this.field.focus();
  }

  #replyKey(text, markup) {
    const press = () => {
      this.desk.send(text, null);
      if (markup.one_time_keyboard) $("reply-keyboard").hidden = true;
    };
    return make("button", { type: "button", "data-reply-key": text, onclick: press }, text);
  }

  #changed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 168)}px`;
    $("send").disabled = !this.field.value.trim();
    this.#complete();
  }

  #complete() {
    const typed = this.field.value;
    const partial = /^\/\w*$/.test(typed) ? typed.slice(1).toLowerCase() : null;
    this.#suggest(partial === null ? [] : this.#commands.filter(({ command }) => command.startsWith(partial)));
  }

  #toggleMenu() {
    if ($("suggestions").hidden) this.#suggest(this.#commands);
    else this.#suggest([]);
    this.field.focus();
  }

  #suggest(commands) {
    const box = $("suggestions");
    box.hidden = commands.length === 0;
    $("commands").setAttribute("aria-expanded", String(!box.hidden));
    this.#chosen = -1;
    box.replaceChildren(...commands.map((each) => this.#suggestion(each)));
    this.field.removeAttribute("aria-activedescendant");
  }

  #suggestion({ command, description }) {
    const run = () => {
      this.#suggest([]);
      this.#send(`/${command}`);
    };
    const item = { id: `c-${command}`, role: "option", "aria-selected": "false", "data-command": command, onclick: run };
    return make("li", item, make("b", {}, `/${command}`), make("span", {}, description));
  }

  #choose(step) {
    const items = [...$("suggestions").children];
    this.#chosen = (this.#chosen + step + items.length) % items.length;
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === this.#chosen)));
    items[this.#chosen].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", items[this.#chosen].id);
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !$("suggestions").hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const fresh = this.#chosen < 0 && event.key === "ArrowUp";
      this.#choose(event.key === "ArrowDown" ? 1 : fresh ? 0 : -1);
    } else if (open && event.key === "Tab") {
      event.preventDefault();
      if (this.#chosen < 0) this.#choose(1);
      this.#insert(`/${$("suggestions").children[this.#chosen].dataset.command} `);
    } else if (event.key === "Escape") {
      this.#suggest([]);
      this.answer(null);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.#chosen >= 0) $("suggestions").children[this.#chosen].click();
      else this.#submit();
    }
  }

  #insert(text) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.#changed();
  }

  #submit() {
    const text = this.field.value.trim();
    if (text) this.#send(text);
  }

  async #send(text) {
    const kept = this.field.value;
    const answering = this.#answering;
    this.#insert("");
    this.answer(null);
    if (!(await this.desk.send(text, answering)) && !this.field.value) this.#insert(kept);
    this.field.focus();
  }
}
