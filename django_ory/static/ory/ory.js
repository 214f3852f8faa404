// Enhancements of the pages. Only passkeys and security keys need this script.
(() => {
  "use strict";

  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // Focus the errors, also in browsers that ignore autofocus on such elements.
  document.querySelector(".ory-summary, .ory-message[autofocus]")?.focus();

  // Mark a submitted form as busy and ignore a second click. Forms of the site are not changed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest(".ory")) return;
    if (form.dataset.oryBusy) return event.preventDefault();
    form.dataset.oryBusy = "true";
    const pressed = event.submitter;
    (pressed?.matches(".ory-hidden") ? form.querySelector(".ory-button--primary") : pressed)?.setAttribute("aria-busy", "true");
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
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      button.toggleAttribute("data-shown", shown);
      button.setAttribute("aria-label", shown ? input.dataset.oryHide : input.dataset.oryShow);
    };
    button.type = "button";
    button.className = "ory-reveal";
    button.setAttribute("aria-controls", input.id);
    show(false);
    button.addEventListener("click", () => show(input.type === "password"));
    input.form?.addEventListener("submit", () => show(false));
    input.after(button);
  });

  // Copy, download or print backup codes.
  each("[data-ory-codes]", (tools) => {
    const { oryCodes, oryFile, oryCopied } = tools.dataset;
    const codes = [...document.getElementById(oryCodes).querySelectorAll("li:not([class])")];
    const text = codes.map((code) => code.textContent).join("\n") + "\n";
    const acts = {
      copy: async () => {
        await navigator.clipboard.writeText(text);
        tools.querySelector("[role=status]").textContent = oryCopied;
      },
      download: () => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
        link.download = oryFile;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      },
      print: () => print(),
    };
    tools.querySelectorAll("[data-ory-tool]").forEach((button) => {
      const tool = button.dataset.oryTool;
      button.hidden = tool === "copy" && !navigator.clipboard; // only for secure origins
      button.addEventListener("click", acts[tool]);
    });
    codes.length ? (tools.hidden = false) : tools.remove();
  });

  // Passkeys and security keys: only these functions of Kratos' script are called.
  const triggers = /^(__)?ory(WebAuthn(Login|Registration)|Passkey(Login(AutocompleteInit)?|(Settings)?Registration))$/;
  const isReady = (name) => triggers.test(name) && typeof window[name] === "function";
  const call = (name, argument) => (argument === undefined ? window[name]() : window[name](JSON.parse(argument)));

  // Kratos' script reports a refusal by alert(), or only in the console. Show it on the page instead.
  const reasons = {
    NotAllowedError: "refused", AbortError: "refused", TimeoutError: "refused",
    InvalidStateError: "known", NotSupportedError: "unsupported", ConstraintError: "unsupported",
  };
  const report = (button, error) => {
    button.removeAttribute("aria-busy");
    const place = button.form?.querySelector("[data-ory-error]");
    if (place) place.textContent = error ? place.dataset[reasons[error.name] || "failed"] : "";
  };
  let pressed = null; // the button whose request the browser has not got yet
  const watch = (credentials, method) => {
    const ask = credentials[method].bind(credentials);
    credentials[method] = (options) => {
      const button = options?.mediation === "conditional" ? null : pressed;
      if (!button) return ask(options);
      pressed = null;
      return ask(options).catch((error) => {
        report(button, error);
        if (button.dataset.oryClick.includes("WebAuthn")) return new Promise(() => {}); // without its alert
        throw error; // the script then offers passkeys in the list of user names again
      });
    };
  };
  const press = async (button) => {
    if (button.hasAttribute("aria-busy")) return;
    // Without a name Kratos rejects the new key only after the user has touched it.
    const name = button.form?.elements.webauthn_register_displayname;
    if (name && button.dataset.oryClick.includes("WebAuthn") && !name.reportValidity()) return;
    report(button, null);
    button.setAttribute("aria-busy", "true");
    pressed = button;
    try {
      if (isReady(button.dataset.oryClick)) await call(button.dataset.oryClick, button.dataset.oryArgument);
      if (pressed) throw new Error(); // Kratos' script is missing, or has not asked the browser
    } catch (error) {
      pressed = null;
      report(button, error);
    }
  };
  const supported = Boolean(window.PublicKeyCredential && navigator.credentials);
  const buttons = document.querySelectorAll("[data-ory-click]");
  if (supported && buttons.length) ["get", "create"].forEach((method) => watch(navigator.credentials, method));
  buttons.forEach((button) => {
    if (!supported) return button.remove();
    button.hidden = false;
    button.addEventListener("click", () => press(button));
  });
  each("[data-ory-needs-script]", (text) => (supported ? text.remove() : text.removeAttribute("data-ory-needs-script")));

  const later = (name, argument, tries = 100) => {
    if (isReady(name)) call(name, argument);
    else if (tries > 0) setTimeout(later, 100, name, argument, tries - 1);
  };
  const loaded = new Set();
  each("[data-ory-load]", ({ dataset }) => {
    if (!supported || loaded.has(dataset.oryLoad)) return;
    loaded.add(dataset.oryLoad);
    later(dataset.oryLoad, dataset.oryArgument);
  });
})();
