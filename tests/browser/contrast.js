// List the texts that don't stand out from what is behind them, by the colours that are really used (WCAG 1.4.3).
() => {
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.body.querySelectorAll("*")]
    .filter((element) => hasText(element) && element.checkVisibility() && !element.closest("svg, :disabled, option"))
    .filter((element) => colours.ratio(getComputedStyle(element).color, colours.behind(element)) < 4.5)
    .map((element) => element.outerHTML.slice(0, 100));
}
