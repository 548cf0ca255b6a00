// Short notices above the composer, and the alerts that wait for a press.

import { $, make } from "./dom.js";

export function toast(text, { seconds = 3.5, kind = "note" } = {}) {
  const node = make("div", { class: "toast", "data-toast": kind }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), Math.max(seconds, text.length / 18) * 1000);
}

export function alertBox(text) {
  $("alert-text").textContent = text;
  if (!$("alert").open) $("alert").showModal();
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = make("textarea", { readonly: true });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}
