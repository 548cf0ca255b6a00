// The way to the sandbox: actions by POST, events by one WebSocket that opens itself again.

const json = { "Content-Type": "application/json" };

export async function world() {
  return (await fetch("chat/world")).json();
}

export async function act(person, name, body = {}) {
  const answer = await fetch(`chat/${person}/${name}`, { method: "POST", headers: json, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

export async function earlier(person, before) {
  return (await fetch(`chat/${person}/messages?before=${before}`)).json();
}

export const fileUrl = (person, message, name) =>
  `chat/${person}/files/${message}/${encodeURIComponent(name || "file")}`;

export class Live {
  constructor(onEvent, onLink) {
    this.onEvent = onEvent;
    this.onLink = onLink;
    addEventListener("online", () => this.#retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.#retryNow());
  }

  open(person) {
    this.person = person;
    this.wait = 250;
    this.#connect();
  }

  #connect() {
    clearTimeout(this.timer);
    if (this.socket) this.socket.onclose = this.socket.onmessage = null;
    this.socket?.close();
    const url = new URL(`chat/${this.person}/live`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.socket = new WebSocket(url));
    socket.onopen = () => {
      this.wait = 250;
      this.onLink("open");
    };
    socket.onmessage = (message) => this.onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      this.onLink("lost");
      this.timer = setTimeout(() => this.#connect(), this.wait);
      this.wait = Math.min(this.wait * 1.7, 4000);
    };
  }

  #retryNow() {
    if (this.person && this.socket?.readyState === WebSocket.CLOSED) this.#connect();
  }
}
