// Opens the editor at once: the preview asks nobody to sign in, the page itself brings the token that its answers need.
const { token, language } = document.currentScript.dataset;
const CHOICES = "sveltia-cms.prefs";

localStorage.setItem("sveltia-cms.user", JSON.stringify({ backendName: "gitea", token }));
const chosen = JSON.parse(localStorage.getItem(CHOICES) ?? "{}");
localStorage.setItem(CHOICES, JSON.stringify({ locale: language, closeOnSave: false, ...chosen }));

window.CMS_MANUAL_INIT = true;
addEventListener("DOMContentLoaded", () => {
  // A letter travels as JSON: what the file looks like is the preview's business, so that it stays as it was written.
  window.CMS.registerCustomFormat("letter", "md", { fromFile: JSON.parse, toFile: (form) => JSON.stringify(form) });
  window.CMS.init();
});
