/* <build-news>, in the preview only: follows the builder. A page that is another than it was loads itself again, in
   its place, at the address that its text has now; one that isn't stays still. What is wrong stands at the foot of the
   page until it is put right. */
import { keep, putBack } from "./place.js";

const REST_MS = 500; // after an answer that brought nothing at once, or none at all
const known = new URL(import.meta.url).searchParams;

class BuildNews extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "status");
    this.follow();
  }

  async follow() {
    for (let build = ""; ; ) {
      await seen();
      const asked = Date.now();
      const news = await ask(build);
      if (news && news.mark !== known.get("mark")) return this.reload(news.moved || location.pathname);
      if (news) this.show(news);
      if (news && news.build !== build) {
        if (build !== "") document.dispatchEvent(new CustomEvent("preview-build"));
        build = news.build;
      } else if (Date.now() - asked < REST_MS) await rest();
    }
  }

  reload(path) {
    keep(path);
    if (path === location.pathname) location.reload();
    else location.replace(path + location.hash);
  }

  show({ notices }) {
    const told = JSON.stringify(notices);
    if (told === this.told) return; // said again it would be read again
    this.told = told;
    this.dataset.kind = notices[0]?.kind ?? "";
    this.replaceChildren(...notices.map(notice));
  }
}

function notice({ kind, heading, lines, links }) {
  const section = element("div", "", { className: "preview-notice" });
  section.dataset.kind = kind;
  section.append(element("strong", heading));
  const list = document.createElement("ul");
  list.append(...lines.map((line) => element("li", line)));
  for (const { href, text } of links) list.appendChild(document.createElement("li")).append(element("a", text, { href }));
  if (list.children.length) section.append(list);
  return section;
}

function element(name, textContent, more = {}) {
  return Object.assign(document.createElement(name), { textContent, ...more });
}

async function ask(build) {
  const leaving = new AbortController(); // a tab that nobody sees holds no connection
  const hidden = () => document.hidden && leaving.abort();
  document.addEventListener("visibilitychange", hidden);
  const address = `/_preview/build?known=${build}&path=${encodeURIComponent(location.pathname)}`;
  try {
    return await (await fetch(address, { cache: "no-store", signal: leaving.signal })).json();
  } catch {
    return null; // the preview was stopped; when it is started again it answers
  } finally {
    document.removeEventListener("visibilitychange", hidden);
  }
}

function seen() {
  if (!document.hidden) return null;
  return new Promise((go) => document.addEventListener("visibilitychange", go, { once: true }));
}

function rest() {
  return new Promise((go) => setTimeout(go, REST_MS));
}

customElements.define("build-news", BuildNews);
putBack();
document.body.append(document.createElement("build-news"));
