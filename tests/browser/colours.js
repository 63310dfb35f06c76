// What other scripts here measure colours with: window.colours.ratio(one, other) of WCAG 2, and what is behind.
window.colours = {
  numbers: (colour) => colour.match(/[\d.]+/g).map(Number),
  luminance: (parts) => parts.slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0),
  ratio(one, other) {
    const [dark, light] = [one, other].map((colour) => this.luminance(this.numbers(colour))).sort((a, b) => a - b);
    return (light + .05) / (dark + .05);
  },
  behind(element) {
    for (let up = element; up; up = up.parentElement) {
      const colour = getComputedStyle(up).backgroundColor;
      if ((this.numbers(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  },
};
