/* <comment-form>: sends a comment and answers in place. Without this script the same form posts as usual and
   the service answers with a page. The words come from the element's data- attributes and its <template>.
   POST with Accept: application/json gives 202 {message, next, status_url} or 4xx {error, errors}. */

class CommentForm extends HTMLElement {
  connectedCallback() {
    if (this.form) return; // moving the element under a comment connects it again
    this.form = this.querySelector("form");
    this.fields = ["author", "email", "text"].map((name) => this.form.elements[name]);
    this.heading = this.querySelector("#kommentera");
    this.ownHeading = this.heading.textContent;
    this.summary = this.querySelector(".error-summary");
    [this.button, this.cancel] = this.querySelectorAll("button");
    this.said = this.querySelector("[data-said]");
    this.place = new Comment("comment-form"); // keeps the form's own place while it is away
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.form.addEventListener("input", () => this.typed());
    this.cancel.addEventListener("click", () => this.leave().focus());
    document.addEventListener("click", (event) => this.clicked(event));
    if (!this.summary.hidden) this.summary.focus();
    this.restore();
  }

  clicked(event) {
    const link = event.target.closest("a[data-reply], a[data-copy]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if ("copy" in link.dataset) // and it is followed: the browser shows the address too
      return void navigator.clipboard?.writeText(link.href).then(() => this.say(this.dataset.copied));
    event.preventDefault();
    if (!this.place.isConnected) this.before(this.place);
    (this.link = link).parentElement.after(this);
    const { parent, author, text } = this.form.elements;
    parent.value = link.dataset.reply;
    this.heading.textContent = link.textContent;
    this.cancel.hidden = false;
    (author.value ? text : author).focus();
  }

  say(words) {
    this.said.textContent = words;
    setTimeout(() => (this.said.textContent = ""), 4000);
  }

  leave() {
    if (this.place.isConnected) this.place.replaceWith(this);
    this.form.elements.parent.value = "";
    this.heading.textContent = this.ownHeading;
    this.cancel.hidden = true;
    return this.link;
  }

  restore() { // the draft lives in this tab alone, and goes when the comment is sent
    (JSON.parse(this.stored("getItem")) ?? []).forEach((kept, i) => (this.fields[i].value ||= kept));
    this.count();
  }

  stored(act, value) { // storage that is blocked or full costs the draft, never the form
    try { return sessionStorage[act](`draft:${this.form.elements.uri.value}`, value); } catch { return null; }
  }

  typed() {
    clearTimeout(this.pause); // a screen reader hears the counter when the writer pauses, not at each key
    this.pause = setTimeout(() => this.count(), 400);
    this.stored("setItem", JSON.stringify(this.fields.map((field) => field.value)));
  }

  count() {
    const left = this.dataset.max - [...this.form.elements.text.value].length;
    const words = left < 0 ? this.dataset.over : left <= this.dataset.max / 10 ? this.dataset.left : "";
    this.querySelector("[data-counter]").textContent = words.replace("%s", Math.abs(left));
  }

  async submit(event) {
    event.preventDefault();
    if (this.button.disabled) return;
    const label = this.button.textContent;
    Object.assign(this.button, { disabled: true, textContent: this.dataset.sending });
    const [sent, answer] = await this.post(new URLSearchParams(new FormData(this.form)));
    Object.assign(this.button, { disabled: false, textContent: label });
    this.mark(answer.errors ?? {});
    this.summary.hidden = sent;
    if (sent) return this.thank(answer);
    this.summary.querySelector("strong").textContent = answer.error ?? this.dataset.failure;
    this.summary.focus();
  }

  async post(body) {
    const headers = { Accept: "application/json" };
    try {
      const response = await fetch(this.form.action, { method: "POST", headers, body });
      return [response.ok, await response.json()];
    } catch { return [false, {}]; } // no network, or an answer that is no JSON
  }

  mark(errors) {
    const faults = this.summary.querySelector("ul");
    faults.replaceChildren();
    for (const field of this.fields) {
      const message = document.getElementById(`${field.id}-error`);
      message.textContent = errors[field.name] ?? "";
      message.hidden = !message.textContent;
      field.ariaInvalid = message.hidden ? null : "true";
      if (message.hidden) continue;
      const address = { href: `#${field.id}`, textContent: message.textContent };
      faults.appendChild(document.createElement("li")).append(Object.assign(document.createElement("a"), address));
    }
  }

  thank({ message, next, status_url }) {
    const receipt = this.querySelector("template").content.firstElementChild.cloneNode(true);
    const [first, second, link] = receipt.querySelectorAll("[data-message], [data-next], [data-status]");
    [first.textContent, second.textContent, link.href] = [message, next, status_url];
    this.before(receipt);
    this.leave();
    this.form.elements.text.value = "";
    this.stored("removeItem");
    this.count();
    receipt.focus();
  }
}

customElements.define("comment-form", CommentForm);
