// Takes what is marked in the comment into the list of what to mask, letter by letter as it stands there.
class MaskMarked extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("textarea"), button = this.querySelector("button");
    button.hidden = false;
    document.addEventListener("selectionchange", () => {
      const marked = getSelection(), text = document.querySelector(".desk .card .comment-text");
      if (!marked.isCollapsed && text?.contains(marked.anchorNode)) this.marked = marked.toString().trim();
    });
    button.addEventListener("click", () => {
      if (this.marked) field.value = `${field.value.trimEnd()}\n${this.marked}`.trimStart();
      field.focus();
    });
  }
}
customElements.define("mask-marked", MaskMarked);
