// The queue without waiting: decisions are sent beside the page, the next comment is there already, and can be
// taken back; keys for all of it; new comments are put at the end. Without this script every button is a form's.
class DeskQueue extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("[data-list]");
    this.told = this.querySelector("[data-told]");
    this.form = document.getElementById("beslut");
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("submit", (event) => this.onSubmit(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    if (this.hasAttribute("data-live")) setInterval(() => document.hidden || this.fill(), 10_000);
  }

  get cards() {
    return [...this.list.querySelectorAll("[data-case]:not([data-done])")];
  }

  current() {
    return document.activeElement?.closest?.("[data-case]");
  }

  step(by) {
    const cards = this.cards, at = cards.indexOf(this.current());
    const next = cards[at < 0 ? (by > 0 ? 0 : cards.length - 1) : at + by];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) {
      if (event.key === "Escape") event.target.closest(".case-reason [data-close], .case-reason")?.querySelector("[data-close]")?.click();
      return;
    }
    const keys = { j: () => this.step(1), k: () => this.step(-1), u: () => this.lastUndo?.(), "?": () => this.querySelector("[data-help]").showModal() };
    const act = keys[event.key] ?? (/^[adr]$/.test(event.key) && (() => (this.current() ?? this.cards[0])?.querySelector(`[data-key=${event.key}]`)?.click()));
    if (!act) return;
    event.preventDefault();
    act();
  }

  onClick(event) {
    const card = event.target.closest("[data-case]"), button = event.target.closest("[formaction], [data-reasoned], [data-close]");
    if (!card || !button || card.dataset.done) return;
    event.preventDefault();
    if (button.hasAttribute("data-close")) this.close(card);
    else if (button.dataset.reasoned) this.ask(card, button);
    else this.decide(card, button.getAttribute("formaction"), { seen: button.value });
  }

  ask(card, link) {
    this.querySelectorAll(".case-reason").forEach((form) => form.remove());
    card.append(this.querySelector("template[data-reason]").content.cloneNode(true));
    const form = card.querySelector(".case-reason");
    form.action = link.href.replace("#", "/"); // where the case's own form is sent
    form.dataset.seen = link.dataset.reasoned;
    form.querySelector("select").focus();
  }

  close(card) {
    card.querySelector(".case-reason")?.remove();
    card.focus();
  }

  onSubmit(event) {
    const form = event.target.closest(".case-reason");
    if (!form) return;
    event.preventDefault();
    this.decide(form.closest("[data-case]"), form.action, { seen: form.dataset.seen, ...Object.fromEntries(new FormData(form)) });
  }

  async send(address, fields) {
    const body = new URLSearchParams([...new FormData(this.form), ...Object.entries(fields)]);
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.redirected) location.reload();
    return [answer.ok || answer.status === 409, await answer.json()];
  }

  async decide(card, address, fields) {
    if (card.dataset.busy) return;
    card.dataset.busy = "1";
    try {
      const [settled, answer] = await this.send(address, fields);
      const words = answer.message ?? answer.error;
      if (settled) this.settle(card, words, answer);
      else this.warn(card, words);
    } catch {
      this.warn(card, this.dataset.failed);
    }
    delete card.dataset.busy;
  }

  warn(card, words) {
    const line = card.querySelector("[data-warning]") ?? card.appendChild(document.createElement("p"));
    line.dataset.warning = "";
    line.className = "error-message";
    line.setAttribute("role", "alert");
    line.textContent = words;
  }

  settle(card, words, { undo, seconds }) {
    const next = this.cards[this.cards.indexOf(card) + 1] ?? this.cards[this.cards.indexOf(card) - 1];
    const before = [...card.childNodes], line = document.createElement("p");
    line.textContent = words + " ";
    card.dataset.done = "1";
    card.replaceChildren(line);
    if (undo) this.offerUndo(card, line, before, undo, seconds);
    this.told.textContent = words;
    this.count(-1);
    (next ?? card).focus();
    if (this.cards.length < 5) this.fill();
  }

  offerUndo(card, line, before, address, seconds) {
    const button = document.createElement("button");
    button.className = "button";
    button.dataset.kind = "secondary";
    button.textContent = this.dataset.undo;
    const end = setTimeout(() => (button.contains(document.activeElement) && card.focus(), button.remove()), seconds * 1000);
    button.onclick = this.lastUndo = async () => {
      clearTimeout(end);
      this.lastUndo = null;
      const [done, answer] = await this.send(address, {}).catch(() => [false, { error: this.dataset.failed }]);
      this.told.textContent = line.textContent = answer.message ?? answer.error;
      if (!done || answer.error) return;
      delete card.dataset.done;
      card.replaceChildren(...before);
      this.close(card);
      this.count(1);
    };
    line.append(button);
  }

  count(by) {
    const number = document.querySelector(".tabs [aria-current] .tab-count");
    if (number && /^\d+$/.test(number.textContent)) number.textContent = Math.max(0, Number(number.textContent) + by);
  }

  async fill() {
    const last = [...this.list.querySelectorAll("[data-case]")].pop()?.dataset.case ?? 0;
    const answer = await fetch(`${this.dataset.more}&efter=${last}`).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-case]");
    const known = new Set([...this.list.querySelectorAll("[data-case]")].map((card) => card.id));
    const fresh = [...found].filter((card) => !known.has(card.id));
    if (!fresh.length) return;
    this.list.querySelector("[data-empty]")?.remove();
    this.list.append(...fresh);
    this.told.textContent = this.dataset.new.replace("#", fresh.length);
    const number = document.querySelector(".tabs [aria-current] .tab-count");
    if (number) number.textContent = answer.headers.get("X-Waiting");
  }
}
customElements.define("desk-queue", DeskQueue);
