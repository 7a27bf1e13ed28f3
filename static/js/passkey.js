/* Passkeys: the browser asks the person, its answer goes into the form.

   <button data-passkey="add | use | enter" data-failed="…" hidden> in a form with a hidden field
   `credential`. What the browser is asked stands in the page (#passkey-options), but for "enter",
   where nobody is known yet and it is fetched. Without passkeys the button stays hidden. */
(() => {
  "use strict";

  const ASKS = { add: "creation_options", use: "request_options", enter: "request_options" };

  const asked = async (kind, form) => {
    if (kind !== "enter") return JSON.parse(document.getElementById("passkey-options").textContent);
    const response = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  };

  const withoutPassword = (options, form) => {
    const wanted = form.elements.passwordless?.checked;
    const chosen = options.publicKey.authenticatorSelection;
    chosen.residentKey = wanted ? "required" : "discouraged";
    chosen.requireResidentKey = Boolean(wanted);
    if (wanted) chosen.userVerification = "required";
    return options;
  };

  const answer = async (kind, form) => {
    const options = (await asked(kind, form))[ASKS[kind]];
    if (kind === "add") return webauthnJSON.create(withoutPassword(options, form));
    return webauthnJSON.get(options);
  };

  const say = (button, words) => {
    const place = button.form.querySelector("[data-passkey-said]");
    place.textContent = words;
    place.hidden = !words;
  };

  const press = async (button) => {
    say(button, "");
    try {
      const credential = await answer(button.dataset.passkey, button.form);
      button.form.elements.credential.value = JSON.stringify(credential);
    } catch {
      // Put away, timed out, a key that is known already: the browser has said which.
      say(button, button.dataset.failed);
      return;
    }
    button.form.submit();
  };

  if (!webauthnJSON.supported()) return;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => press(button));
  }
})();
