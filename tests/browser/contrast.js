// List the texts that don't stand out from what is behind them, by the colours that are really used (WCAG 1.4.3).
() => {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => [red, green, blue]
    .map((part) => part / 255)
    .map((part) => (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + .05) / (dark + .05);
  };
  const behind = (element) => {
    for (let up = element; up; up = up.parentElement) {
      const colour = numbers(getComputedStyle(up).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.body.querySelectorAll("*")]
    .filter((element) => hasText(element) && element.checkVisibility() && !element.closest("svg, :disabled, option"))
    .filter((element) => ratio(numbers(getComputedStyle(element).color), behind(element)) < 4.5)
    .map((element) => element.outerHTML.slice(0, 100));
}
