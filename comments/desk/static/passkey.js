// Makes a passkey, or signs in with one: asks for a challenge, lets the browser answer it, and sends that as a form.
const WORDS = {
  AbortError: "cancelled",
  InvalidStateError: "there",
  NotAllowedError: "cancelled",
  NotSupportedError: "unsupported",
  SecurityError: "unsupported",
};

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function text(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// What came as JSON, with bytes where the browser wants bytes; its own way of doing this is younger than some browsers.
function understood(options) {
  const described = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));
  const taken = { ...options, challenge: bytes(options.challenge) };
  if (options.user) taken.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) taken.allowCredentials = described(options.allowCredentials);
  if (options.excludeCredentials) taken.excludeCredentials = described(options.excludeCredentials);
  return taken;
}

function written(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

class PassKey extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.button = this.querySelector("button");
    this.said = this.querySelector("[role=alert]");
    this.querySelector("[data-without]").hidden = true;
    if (!globalThis.PublicKeyCredential) return this.say("unsupported");
    for (const each of this.querySelectorAll("[data-with]")) each.hidden = false;
    this.form.addEventListener("submit", this);
  }

  async handleEvent(event) {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.said.textContent = "";
    try {
      const publicKey = understood(await this.begun());
      this.form.elements.answer.value = written(await navigator.credentials[this.dataset.use]({ publicKey }));
      this.form.submit();
    } catch (error) {
      this.say(WORDS[error.name] ?? "failed", error.told);
      this.button.focus();
    } finally {
      this.busy = false;
    }
  }

  async begun() {
    const method = "POST", headers = { Accept: "application/json" }, body = new URLSearchParams(new FormData(this.form));
    const answer = await fetch(this.dataset.begin, { method, headers, body });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(), { told: said.error });
    return said;
  }

  say(word, told) {
    this.said.textContent = told || this.dataset[word];
  }
}
customElements.define("pass-key", PassKey);
