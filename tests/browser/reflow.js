// With a style of the reader's own, list where text has no room: [what is wrong, the text].
(style) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets.push(sheet); // which a content security policy lets through
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(["the page scrolls sideways", `${root.scrollWidth} px`]);

  const isHidden = (element) => {
    const look = getComputedStyle(element);
    return look.clipPath !== "none" || element.offsetWidth < 2 || !element.checkVisibility({ visibilityProperty: true });
  };
  for (const element of document.body.querySelectorAll("*")) {
    const look = getComputedStyle(element);
    if (!/hidden|clip/.test(look.overflowX + look.overflowY) || element.closest("svg") || isHidden(element)) continue;
    const over = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    if (over && element.textContent.trim()) faults.push(["cut off", element.textContent.trim().slice(0, 60)]);
  }

  // The middle half of each line of text: letters, without what stands above and below them.
  const lines = [];
  const front = document.querySelector("dialog:modal") ?? document.body; // what lies behind is not read meanwhile
  const texts = document.createTreeWalker(front, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.data.trim() || text.parentElement.closest("svg, template, script, option")) continue;
    let hidden = false;
    for (let up = text.parentElement; up !== front && !hidden; up = up.parentElement) {
      const look = getComputedStyle(up);
      hidden = look.clipPath !== "none" || look.position === "absolute" || look.position === "sticky";
    }
    if (hidden || !text.parentElement.checkVisibility({ visibilityProperty: true })) continue;
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.width > 2) lines.push({ text, left: box.left + 1, right: box.right - 1, top: box.top + box.height / 4, bottom: box.bottom - box.height / 4 });
    }
  }
  lines.sort((a, b) => a.top - b.top);
  lines.forEach((line, place) => {
    for (let other = place + 1; other < lines.length && lines[other].top < line.bottom; other += 1) {
      const beside = lines[other];
      if (beside.text !== line.text && beside.left < line.right && line.left < beside.right) {
        faults.push(["lies on other text", `${line.text.data.trim().slice(0, 40)} / ${beside.text.data.trim().slice(0, 40)}`]);
      }
    }
  });
  document.adoptedStyleSheets.pop();
  return faults;
}
