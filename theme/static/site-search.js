/* <site-search>: searches with Pagefind (https://pagefind.app) as the reader writes, and shows what it finds.
   Without this script the page leads to the archive and the topics. The words come from the element's data-
   attributes and its <template>. data-languages names the folders of /pagefind/: each is an index of one language. */

const AT_A_TIME = 10, PAUSE = 300, LONGEST = 200;
const FILTERS = { "": { not: { samtal: "ja" } }, samtal: { samtal: "ja" }, allt: {} };
const page = document.documentElement.lang;

class SiteSearch extends HTMLElement {
  connectedCallback() {
    this.indexes = {};
    [this.form, this.list, this.more] = ["form", "ol", "[type=button]"].map((which) => this.querySelector(which));
    this.instead = document.getElementById("leta");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.search(); });
    this.form.addEventListener("input", ({ target }) => {
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.search(), target.type === "radio" ? 0 : PAUSE);
    });
    this.form.addEventListener("focusin", () => this.load(true).catch(() => {}), { once: true });
    this.more.addEventListener("click", () => this.goOn());
    const asked = new URLSearchParams(location.search), { q, slag } = this.form.elements;
    q.value = (asked.get("q") ?? "").slice(0, LONGEST);
    if (asked.get("slag") in FILTERS) slag.value = asked.get("slag");
    if (q.value.trim()) this.search();
  }

  load(exactDiacritics) { // one set of files for each language: each knows the endings of one
    const folders = this.dataset.languages.split(" ").filter(Boolean);
    return (this.indexes[exactDiacritics] ??= Promise.all(folders.map(async (language) => {
      const { createInstance } = await import(`/pagefind/${language}/pagefind.js`);
      return { language, index: createInstance({ exactDiacritics }) };
    })));
  }

  async search() {
    clearTimeout(this.pause);
    const { q, slag } = this.form.elements, query = q.value.trim();
    const address = query && `?${new URLSearchParams(slag.value ? { q: query, slag: slag.value } : { q: query })}`;
    if (address === this.asked) return;
    this.asked = address;
    history.replaceState(history.state, "", address || location.pathname);
    try {
      const hits = query ? await this.find(query, FILTERS[slag.value]) : [], { none, one, many } = this.dataset;
      const items = await this.items(hits, 0);
      if (this.asked !== address) return; // the reader has written on
      const words = hits.length > 1 ? many.replace("%s", hits.length) : hits.length ? one : none;
      this.show(hits, items, query && words);
    } catch (error) {
      this.fail(error);
    }
  }

  async find(query, filters, exact = true) { // å, ä and ö are letters of their own, but not on every keyboard
    const found = (await this.load(exact)).map(async ({ language, index }) =>
      (await index.search(query, { filters })).results.map((hit) => ({ language, hit })));
    const hits = (await Promise.all(found)).flat().sort((one, other) => other.hit.score - one.hit.score);
    return exact && !hits.length ? this.find(query, filters, false) : hits;
  }

  async items(hits, from) {
    return Promise.all(hits.slice(from, from + AT_A_TIME).map(async ({ hit, language }) =>
      this.item(await hit.data(), language)));
  }

  show(hits, items, words) {
    this.hits = hits;
    this.list.replaceChildren(...items);
    this.instead.hidden = items.length > 0;
    this.more.hidden = items.length >= hits.length;
    this.querySelector("[role=status]").textContent = words;
  }

  fail(error) {
    console.error(error);
    this.asked = null; // so that the same can be tried again
    this.show([], [], this.dataset.failure);
  }

  async goOn() {
    const { hits, list } = this, from = list.children.length;
    const items = await this.items(hits, from).catch((error) => this.fail(error));
    if (!items || hits !== this.hits || from !== list.children.length) return; // searched or clicked again
    list.append(...items);
    this.more.hidden = list.children.length >= hits.length;
    items[0].querySelector("a").focus();
  }

  item({ url, meta, excerpt, filters, sub_results }, language) {
    const item = this.querySelector("template").content.firstElementChild.cloneNode(true), talk = filters.samtal;
    const [kind, link, text, writer] = ["p", "a", ".summary", "div .meta"].map((which) => item.querySelector(which));
    const comments = talk ? sub_results.slice(0, 3) : [];
    link.href = place(url) + (talk ? "#kommentarer" : "");
    link.textContent = talk ? this.dataset.talk.replace("%s", () => meta.title) : meta.title;
    const { conversation, page: leaf } = this.dataset;
    kind.append(meta.date ? made("time", { dateTime: meta.date, textContent: date(meta.date) }) : talk ? conversation : leaf);
    writer.textContent = meta.author ?? "";
    text.replaceWith(...(comments.length ? comments : [{ excerpt }]).map((part) => quoted(text, part)));
    if (language !== page) for (const part of item.querySelectorAll(".summary, h2")) part.lang = language;
    return item;
  }
}

const made = (tag, values) => Object.assign(document.createElement(tag), values);
const place = (url) => url.replace(/kommentarer\/1\/(?=#|$)/, ""); // the first page of a conversation is the letter's
const plain = (text) => text.replace(/<\/?mark>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">");

const date = (day) => new Date(day).toLocaleDateString(page, { dateStyle: "long", timeZone: "UTC" });
function quoted(paragraph, { url, title = "", excerpt }) { // a comment's words begin with its writer's name
  const copy = paragraph.cloneNode();
  if (title) copy.append(made("a", { href: place(url), textContent: title }), " ");
  const words = excerpt.split(" "), name = title.split(/\s+/).length;
  const parts = (title && plain(excerpt).startsWith(title) ? words.slice(name) : words).join(" ").split(/<\/?mark>/);
  const text = parts.map((part, i) => (i % 2 ? made("mark", { textContent: plain(part) }) : plain(part)));
  if (/^\p{Ll}/u.test(parts.join(""))) text.unshift("…\u00a0");
  copy.append(...text, /[.!?…]$/.test(parts.join("")) ? "" : "\u00a0…");
  return copy;
}

customElements.define("site-search", SiteSearch);
