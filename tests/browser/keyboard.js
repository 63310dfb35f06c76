// window.keyboard: begin() lists what Tab must reach, in its order; look() tells where the focus is, and how it shows.
window.keyboard = {
  begin() {
    const controls = "a[href], area[href], button, input, textarea, select, summary, [tabindex], [contenteditable]";
    this.list = [...document.querySelectorAll(controls)].filter((element) => this.canHaveFocus(element));
    const start = document.createElement("span"); // what has the focus and is taken away leaves it where it stood
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
    return this.list.map((element) => element.outerHTML.slice(0, 120));
  },
  canHaveFocus(element) {
    if (element.tabIndex < 0 || element.disabled || element.type === "hidden" || element.closest("[inert]")) return false;
    if (element.type === "radio" && !this.isOfItsGroup(element)) return false;
    return element.checkVisibility({ visibilityProperty: true });
  },
  isOfItsGroup(radio) { // Tab reaches the one that is chosen, or the first
    const group = [...(radio.form ?? document).querySelectorAll("input[type=radio]")].filter((one) => one.name === radio.name);
    return radio === (group.find((one) => one.checked) ?? group[0]);
  },
  look() {
    const element = document.activeElement;
    return { place: this.list.indexOf(element), faults: this.faults(element), html: element.outerHTML.slice(0, 120) };
  },
  faults(element) {
    const look = getComputedStyle(element);
    const faults = [];
    // WCAG 2.4.7 and 2.4.13: at least 2 px thick all around, and 3:1 against what is there without focus.
    if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2) faults.push(`no outline (${look.outline})`);
    else if (colours.ratio(look.outlineColor, colours.behind(element.parentElement ?? element)) < 3) faults.push(`a faint outline (${look.outline})`);
    // WCAG 2.4.11: not wholly hidden by what lies above it.
    const [box] = element.getClientRects();
    const hits = [.5, .1, .9].map((part) => box && document.elementFromPoint(box.left + box.width / 2, box.top + box.height * part));
    if (!hits.some((hit) => element.contains(hit))) faults.push(`hidden by ${hits[0]?.outerHTML.slice(0, 80) ?? "the window's edge"}`);
    return faults;
  },
};
