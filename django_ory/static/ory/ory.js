// Enhancements of the pages. Only passkeys and security keys need this script.
(() => {
  "use strict";

  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // Focus the error summary, also in browsers that ignore autofocus on such elements.
  const summary = document.querySelector(".ory-summary");
  if (summary) summary.focus();

  // Mark a submitted form as busy and ignore a second click. Forms of the site are not changed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest(".ory")) return;
    if (form.dataset.oryBusy) return event.preventDefault();
    form.dataset.oryBusy = "true";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    setTimeout(ready, 10000); // the user may have stopped the request
  });
  const ready = () => {
    each("form[data-ory-busy]", (form) => delete form.dataset.oryBusy);
    each(".ory [aria-busy]", (button) => button.removeAttribute("aria-busy"));
  };
  // After the back button, the form can be submitted again.
  addEventListener("pageshow", ready);

  // Show password. The label names the action, so the button needs no pressed state.
  each("input[type=password][data-ory-show]", (input) => {
    const button = document.createElement("button");
    const offer = (text, label) => {
      button.textContent = text;
      button.setAttribute("aria-label", label);
    };
    const { oryShow, oryShowLabel, oryHide, oryHideLabel } = input.dataset;
    button.type = "button";
    button.className = "ory-reveal";
    button.setAttribute("aria-controls", input.id);
    offer(oryShow, oryShowLabel);
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      shown ? offer(oryShow, oryShowLabel) : offer(oryHide, oryHideLabel);
    });
    input.form?.addEventListener("submit", () => { input.type = "password"; });
    input.after(button);
  });

  // Passkeys and security keys: only these functions of Kratos' script are called.
  const triggers = new Set([
    "oryWebAuthnLogin", "oryWebAuthnRegistration", "oryPasskeyLogin", "oryPasskeyLoginAutocompleteInit",
    "oryPasskeyRegistration", "oryPasskeySettingsRegistration", "__oryWebAuthnLogin", "__oryWebAuthnRegistration",
    "__oryPasskeyLogin", "__oryPasskeyLoginAutocompleteInit", "__oryPasskeyRegistration", "__oryPasskeySettingsRegistration",
  ]);
  const call = (name, argument) => {
    if (!triggers.has(name) || typeof window[name] !== "function") return false;
    argument === undefined ? window[name]() : window[name](JSON.parse(argument));
    return true;
  };
  const later = (name, argument, tries = 100) => {
    if (!call(name, argument) && tries > 0) setTimeout(later, 100, name, argument, tries - 1);
  };
  each("[data-ory-click]", (element) => {
    element.hidden = !window.PublicKeyCredential;
    element.addEventListener("click", () => call(element.dataset.oryClick, element.dataset.oryArgument));
  });
  each("[data-ory-needs-script]", (element) => { element.hidden = Boolean(window.PublicKeyCredential); });
  const loaded = new Set();
  each("[data-ory-load]", ({ dataset }) => {
    if (!window.PublicKeyCredential || loaded.has(dataset.oryLoad)) return;
    loaded.add(dataset.oryLoad);
    later(dataset.oryLoad, dataset.oryArgument);
  });
})();
