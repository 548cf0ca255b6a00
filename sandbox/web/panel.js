// The side panel: who you are, the language, the look, and which chats there are to try.

import { $, icon, make } from "./dom.js";
import { copy, toast } from "./toast.js";
import { language, locale, t } from "./texts.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

export class Panel {
  /** `choose` has person(id) and language(code), called on a press. */
  constructor(world, choose) {
    this.world = world;
    this.choose = choose;
    this.#radios($("languages"), "language", (code) => choose.language(code));
    this.#radios($("themes"), "themeChoice", (theme) => this.theme(theme));
    $("panel-open").addEventListener("click", () => this.#slide(true));
    $("panel-close").addEventListener("click", () => this.#slide(false));
    $("veil").addEventListener("click", () => this.#slide(false));
    addEventListener("keydown", (event) => event.key === "Escape" && this.#slide(false));
    dark.addEventListener("change", () => this.theme());
    this.theme();
  }

  /** Draws everything in the language of now. */
  draw(person) {
    const { people } = this.world;
    $("people").replaceChildren(
      ...people.map(({ id, role }) =>
        make("button", { type: "button", role: "radio", "data-person": role, "data-value": id }, t(role)),
      ),
    );
    this.#radios($("people"), "value", (id) => {
      this.choose.person(Number(id));
      this.#slide(false);
    });
    mark($("people"), "value", String(person));
    mark($("languages"), "language", language());
    const one = people.find(({ id }) => id === person);
    $("who-hint").textContent = t(`${one.role}Hint`, { name: one.name });
    this.#chats();
  }

  theme(chosen = localStorage.getItem("theme") ?? "auto") {
    localStorage.setItem("theme", chosen);
    const root = document.documentElement;
    root.dataset.theme = chosen;
    root.toggleAttribute("data-dark", chosen === "dark" || (chosen === "auto" && dark.matches));
    mark($("themes"), "themeChoice", chosen);
  }

  #chats() {
    const { chats } = this.world;
    $("chats-section").hidden = chats.length === 0;
    $("chats").replaceChildren(...chats.map((chat) => make("li", {}, this.#chat(chat))));
  }

  #chat({ key, name, title, count, note }) {
    const many = count.toLocaleString(locale());
    const shown = name.replace("https://", "");
    const take = async () => {
      await copy(name);
      toast(t("copied", { what: name }));
    };
    return make(
      "button",
      { type: "button", "data-chat": key, onclick: take, title: t("copies", { what: name }) },
      make("span", { class: "title" }, title || t("note_expired")),
      make("span", { class: "count", title: t("messages", { count: many }) }, title ? many : ""),
      make("span", { class: "username" }, shown),
      icon("copy"),
      ...(note && title ? [make("span", { class: "note" }, t(`note_${note}`))] : []),
    );
  }

  #slide(open) {
    $("panel").classList.toggle("open", open);
    $("veil").hidden = !open;
    if (open) $("panel-close").focus();
  }

  /** A row of radio buttons: one is in the tab order, arrows move. */
  #radios(group, field, chosen) {
    for (const button of group.children) {
      button.onclick = () => chosen(button.dataset[field]);
      button.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const all = [...group.children];
        const next = all[(all.indexOf(button) + step + all.length) % all.length];
        const value = next.dataset[field];
        next.click();
        [...group.children].find((each) => each.dataset[field] === value)?.focus();
      };
    }
  }
}

function mark(group, field, value) {
  for (const button of group.children) {
    const checked = button.dataset[field] === value;
    button.setAttribute("aria-checked", String(checked));
    button.tabIndex = checked ? 0 : -1;
  }
}
