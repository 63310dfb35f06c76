// Preview only: loads the page again after each build, and shows why a build failed.
const ASK_EVERY_MS = 500;

class BuildFaults extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "alert");
    // Set from script, not in a style attribute, which the content security policy forbids.
    Object.assign(this.style, {
      position: "fixed", insetInline: "0", insetBlockEnd: "0", zIndex: "9999", maxBlockSize: "50vh",
      overflow: "auto", padding: "1rem", background: "#7a0012", color: "#fff", font: "1rem/1.5 monospace",
    });
  }

  show(heading, faults) {
    const title = document.createElement("strong");
    title.textContent = heading;
    const list = document.createElement("ul");
    for (const fault of faults) {
      const item = document.createElement("li");
      item.textContent = fault;
      list.append(item);
    }
    this.replaceChildren(title, list);
  }
}

customElements.define("build-faults", BuildFaults);

const shown = Number(new URL(import.meta.url).searchParams.get("build"));

function showFaults({ ok, heading, errors }) {
  const banner = document.querySelector("build-faults");
  if (ok) {
    banner?.remove();
  } else {
    (banner ?? document.body.appendChild(new BuildFaults())).show(heading, errors);
  }
}

async function ask() {
  try {
    const state = await (await fetch("/_preview/build", { cache: "no-cache" })).json();
    if (state.build !== shown && state.ok) {
      location.reload();
      return;
    }
    showFaults(state);
  } catch {
    // The preview was stopped; when it is started again, its first answer has another number.
  }
  setTimeout(ask, ASK_EVERY_MS);
}

ask();
