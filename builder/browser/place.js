/* Where the reader of the preview is: what stands at the top of the window, what has the focus, what is open, and the
   answer that is being written. Kept when the page loads itself again, at `path`, and found again though the text has
   changed. */
const KEY = "preview:place";
const BLOCKS = "main :is(h1, h2, h3, h4, p, li, blockquote, figure, pre, tr, label)";
const NEAR = 12; // blocks that are remembered around the top of the window, for those that are edited meanwhile
const FIELDS = "input, textarea, select, button, a, summary, [tabindex]";

export function keep(path) {
  const active = document.activeElement?.closest(FIELDS);
  const place = {
    path,
    y: scrollY,
    near: near(),
    open: [...document.querySelectorAll("details")].map((one) => [trace(one.querySelector("summary") ?? one), one.open]),
    focus: active && { ...trace(active), selection: selection(active) },
    reply: document.querySelector("comment-form input[name=parent]")?.value,
  };
  history.scrollRestoration = "manual";
  stored("setItem", JSON.stringify(place));
}

export function putBack() {
  const place = JSON.parse(stored("getItem") ?? "null");
  stored("removeItem");
  if (place?.path !== location.pathname) return;
  for (const [which, open] of place.open) {
    const details = find(which)?.closest("details");
    if (details) details.open = open;
  }
  scroll(place);
  answering(place).then(() => {
    focus(place.focus);
    requestAnimationFrame(() => scroll(place)); // all has its size now
  });
  // Sooner, and the browser would put its own idea of the place in the place of ours.
  addEventListener("load", () => setTimeout(() => (history.scrollRestoration = "auto")), { once: true });
}

function near() {
  const blocks = [...document.querySelectorAll(BLOCKS)];
  const first = blocks.findIndex((block) => block.getBoundingClientRect().bottom > 0);
  const after = blocks.slice(first, first + NEAR);
  const before = blocks.slice(Math.max(0, first - NEAR), first).reverse();
  return [...after, ...before].map((block) => ({ ...trace(block), top: block.getBoundingClientRect().top }));
}

function scroll({ y, near }) {
  let to = y;
  for (const which of y ? near : []) {
    const block = find(which);
    if (!block) continue;
    to = scrollY + block.getBoundingClientRect().top - which.top;
    break;
  }
  scrollTo({ top: to, behavior: "instant" });
}

/* An answer stands under the comment it answers, which the form's own script sees to. */
async function answering({ reply }) {
  if (!reply) return;
  await customElements.whenDefined("comment-form");
  document.querySelector(`a[data-reply="${CSS.escape(reply)}"]`)?.click();
}

function focus(which) {
  const field = which && (find(which) ?? document.getElementById(which.id));
  if (!field) return;
  field.focus({ preventScroll: true });
  if (which.selection) field.setSelectionRange(...which.selection);
}

function selection(field) {
  try { return field.selectionStart === null ? null : [field.selectionStart, field.selectionEnd]; } catch { return null; }
}

/* What an element is known by: its kind and words, and which it is among those that have the same. */
function trace(element) {
  const own = { tag: element.localName, id: element.id, words: words(element) };
  return { ...own, nth: alike(own).indexOf(element) };
}

function find(which) {
  const found = alike(which);
  return found[Math.min(which.nth, found.length - 1)];
}

function alike({ tag, id, words: said }) {
  return [...document.getElementsByTagName(tag)].filter((one) => one.id === id && words(one) === said);
}

function words(element) {
  const field = element.name ? `${element.name} ${element.type}` : "";
  return field || element.textContent.trim().slice(0, 200) || element.getAttribute("href") || "";
}

function stored(act, value) { // storage that is blocked or full costs the place, never the page
  try { return sessionStorage[act](KEY, value); } catch { return null; }
}
