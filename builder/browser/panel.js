/* <preview-panel>, in the preview only: what an editor wants to know of the page, in a drawer beside or below it.
   GET /_preview/panel.json?path= gives {label, summary, close, sections: [{heading, facts | findings | card | links}]}. */
const KEY = "preview:panel";

class PreviewPanel extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    const style = element("link", "", { rel: "stylesheet", href: "/_preview/panel.css" });
    style.addEventListener("load", () => this.toggleAttribute("data-ready", true));
    this.aside = element("aside");
    this.button = element("button", "", { type: "button", className: "opener" });
    this.button.setAttribute("aria-expanded", "false");
    this.button.setAttribute("aria-controls", "panel");
    this.body = element("div", "", { id: "panel", hidden: true, tabIndex: -1 });
    this.aside.append(this.button, this.body);
    root.append(style, this.aside);
    this.button.addEventListener("click", () => this.toggle(this.body.hidden, true));
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false, true));
    document.addEventListener("preview-build", () => this.load());
    addEventListener("pagehide", () => this.keep());
    const place = this.place();
    if (place.open) this.toggle(true, false);
    this.load().then(() => this.putBack(place));
  }

  async load() {
    const address = `/_preview/panel.json?path=${encodeURIComponent(location.pathname)}`;
    try {
      this.show(await (await fetch(address, { cache: "no-cache" })).json());
    } catch {
      this.hidden = !this.body.children.length; // the preview was stopped: what is known may stay
    }
  }

  show({ label, summary, close, sections }) {
    this.aside.setAttribute("aria-label", label);
    this.button.replaceChildren(element("span", label), ...(summary ? [element("span", summary, { className: "count" })] : []));
    const shut = element("button", close, { type: "button", className: "close" });
    shut.addEventListener("click", () => this.toggle(false, true));
    const head = element("div", "", { className: "head" });
    head.append(element("h2", label), shut);
    const at = [this.body.scrollTop, this.focused()];
    this.body.replaceChildren(head, ...sections.map(section));
    this.body.scrollTop = at[0];
    this.focus(at[1]);
  }

  toggle(open, move) {
    this.body.hidden = !open;
    this.button.hidden = open; // the drawer has a button of its own that closes it
    this.button.setAttribute("aria-expanded", String(open));
    document.documentElement.toggleAttribute("data-preview-open", open);
    if (move) (open ? this.body : this.button).focus();
  }

  controls() {
    return [this.button, this.body, ...this.body.querySelectorAll("a, button")];
  }

  focused() {
    return this.controls().indexOf(this.shadowRoot.activeElement);
  }

  focus(number) {
    this.controls()[number]?.focus({ preventScroll: true });
  }

  keep() { // storage that is blocked costs the panel's place, never the page
    const state = { open: !this.body.hidden, top: this.body.scrollTop, focus: this.focused() };
    try { sessionStorage.setItem(KEY, JSON.stringify(state)); } catch { /* as said */ }
  }

  place() {
    try { return JSON.parse(sessionStorage.getItem(KEY)) ?? {}; } catch { return {}; }
  }

  putBack({ top, focus }) {
    this.body.scrollTop = top ?? 0;
    this.focus(focus);
  }
}

const KINDS = {
  facts: (rows) => list("dl", rows.flatMap(([name, value]) => [element("dt", name), element("dd", value)])),
  findings: (found) => list("ul", found.map(({ level, place, text }) => {
    const item = element("li");
    item.dataset.level = level;
    item.append(element("strong", place), element("span", text));
    return item;
  })),
  card: ({ picture, site, title, description }) => {
    const card = element("div", "", { className: "card" });
    const image = element("img", "", { src: picture, alt: "", width: 1200, height: 630, loading: "lazy" });
    card.append(image, element("p", site, { className: "site" }), element("p", title, { className: "title" }), element("p", description));
    return card;
  },
  links: (links) => list("ul", links.map(([href, text]) => list("li", [element("a", text, { href })]))),
};

function section(table) {
  const made = element("section");
  const kind = Object.keys(KINDS).find((name) => name in table);
  const isEmpty = Array.isArray(table[kind]) && !table[kind].length;
  made.append(element("h3", table.heading), isEmpty ? element("p", table.empty) : KINDS[kind](table[kind]));
  return made;
}

function list(name, children) {
  const made = element(name);
  made.append(...children);
  return made;
}

function element(name, textContent = "", more = {}) {
  return Object.assign(document.createElement(name), { textContent, ...more });
}

customElements.define("preview-panel", PreviewPanel);
document.body.append(document.createElement("preview-panel"));
