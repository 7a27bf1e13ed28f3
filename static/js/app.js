/* Behaviour on top of pages that work without it.

   Everything is delegated from the document and found by data attributes, so fragments that htmx
   swaps in need no set-up. No words live here: texts come from data attributes. Load it in the
   head without `defer`, so that what only suits one of the two worlds never flashes up. */
(() => {
  "use strict";

  const AUTOSAVE_DELAY = 2000;
  const AUTOSAVE_RETRY = 10000;
  const AUTOSAVE_TIMEOUT = 15000;
  const HOLD_AT_MOST = 10000;

  document.documentElement.classList.add("has-script");

  const named = (root, name) => root.querySelector(`[name="${CSS.escape(name)}"]`);
  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  /* Chinese input methods ------------------------------------------------------------------- */

  // Enter that picks a candidate never submits. Safari ends the composition before the key
  // arrives, and tells only by the old key code.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) stop(event);
  }, true);

  // Half-typed pinyin is nobody's input: nothing (htmx, autosave) hears of it until it is chosen.
  document.addEventListener("input", (event) => {
    if (event.isComposing) event.stopImmediatePropagation();
  }, true);
  document.addEventListener("compositionend", (event) => changed(event.target));

  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

  /* Submitting: settle the draft, ask, then once only ----------------------------------------- */

  const submitButtons = (form) =>
    [...form.elements].filter((element) => element.matches("[type=submit], button:not([type])"));

  // An answer that is a file leaves the page as it is: such a form is soon free again.
  const heldFor = (form) => ("answersFile" in form.dataset ? 1000 : HOLD_AT_MOST);

  const hold = (form) => {
    form.dataset.held = "";
    // Later than the event: a disabled button would not be part of what is sent.
    setTimeout(() => {
      for (const button of submitButtons(form).filter((each) => !each.disabled)) {
        button.disabled = true;
        button.dataset.heldButton = "";
      }
    });
    setTimeout(() => release(form), heldFor(form));
  };

  const release = (form) => {
    delete form.dataset.held;
    for (const button of submitButtons(form).filter((each) => "heldButton" in each.dataset)) {
      button.disabled = false;
      delete button.dataset.heldButton;
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const draft = drafts.get(form);
    if ("held" in form.dataset) return stop(event);
    if (draft?.running) {
      stop(event);
      return draft.running.then(() => form.requestSubmit(event.submitter));
    }
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (question && !window.confirm(question)) return stop(event);
    draft?.cancel();
    if (form.matches("[method=post i]:not([hx-post], [target])")) hold(form);
  }, true);

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.requestConfig.triggeringEvent?.type === "submit") hold(detail.elt);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if ("held" in detail.elt.dataset) release(detail.elt);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-held]").forEach(release);
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-confirm]");
    if (link && !window.confirm(link.dataset.confirm)) stop(event);
  }, true);

  /* Unsaved changes --------------------------------------------------------------------------- */

  for (const type of ["input", "change"]) {
    document.addEventListener(type, ({ target }) => {
      const form = target.form ?? target.closest("form");
      if (!form) return;
      if (form.matches("[data-warn-unsaved]")) form.dataset.dirty = "";
      if (form.matches("[data-autosave]")) draftOf(form).touch();
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dirty]:not([data-held])")) event.preventDefault();
  });

  /* Autosave of a draft ----------------------------------------------------------------------- */

  /* <form data-autosave=URL> is sent two seconds after the last input, one request at a time.
     200 {version, saved_at, rows: {field name: value}, marks: {field name: html}}
         version and rows are written into the fields of those names (the ids of new rows, the
         count of initial forms), marks into [data-marks=name], saved_at into the {at} of the text
     409 somebody else saved first: autosave stops and says so. */
  class Draft {
    constructor(form) {
      this.form = form;
      this.pending = false;
      this.stopped = false;
      this.running = null;
    }

    touch() {
      this.pending = true;
      this.schedule(AUTOSAVE_DELAY);
    }

    cancel() {
      this.pending = false;
      clearTimeout(this.timer);
    }

    schedule(delay) {
      clearTimeout(this.timer);
      if (!this.stopped) this.timer = setTimeout(() => this.send(), delay);
    }

    send() {
      if (this.running || this.stopped || !this.pending) return;
      this.cancel();
      this.show("saving");
      this.running = this.post().then((retry) => {
        this.running = null;
        if (retry !== null) this.schedule(this.pending && !retry ? AUTOSAVE_DELAY : AUTOSAVE_RETRY);
      });
    }

    /* Null when there is nothing left to send, else whether it is the same again that is sent. */
    async post() {
      try {
        const response = await fetch(this.form.dataset.autosave, {
          method: "POST",
          body: this.data(),
          headers: { Accept: "application/json" },
          keepalive: document.hidden,
          signal: AbortSignal.timeout(AUTOSAVE_TIMEOUT),
        });
        if (response.status === 409) return this.conflict();
        if (response.status >= 500) throw new Error(response.statusText);
        if (!response.ok || response.redirected) return this.refused();
        return this.saved(await response.json());
      } catch {
        this.show("failed");
        this.pending = true;
        return true;
      }
    }

    /* The fields, without the key that makes the form's real submission happen only once. */
    data() {
      const data = new FormData(this.form);
      data.delete("once");
      return data;
    }

    saved(answer) {
      this.write({ version: answer.version, ...answer.rows });
      for (const [name, html] of Object.entries(answer.marks ?? {})) {
        const place = this.form.querySelector(`[data-marks="${CSS.escape(name)}"]`);
        if (place) place.innerHTML = html;
      }
      this.show("saved", answer.saved_at);
      if (this.pending) return false;
      delete this.form.dataset.dirty;
      return null;
    }

    write(values) {
      for (const [name, value] of Object.entries(values)) {
        const field = named(this.form, name);
        if (field) field.value = value;
      }
    }

    refused() {
      this.show("failed");
      return this.pending ? false : null;
    }

    conflict() {
      this.stopped = true;
      this.show("conflict");
      return null;
    }

    show(state, at = "") {
      for (const line of this.form.querySelectorAll("[data-autosave-state]")) {
        line.dataset.state = state;
        const text = line.getAttribute(`data-text-${state}`) ?? "";
        line.textContent = text.replace("{at}", at);
      }
    }

    /* The page goes away: hand the browser what was not sent yet. */
    leave() {
      if (!this.pending || this.stopped) return;
      this.cancel();
      navigator.sendBeacon(this.form.dataset.autosave, this.data());
    }
  }

  const drafts = new WeakMap();
  const draftOf = (form) => {
    if (!drafts.has(form)) drafts.set(form, new Draft(form));
    return drafts.get(form);
  };
  const openDrafts = () =>
    [...document.querySelectorAll("form[data-autosave]")].map((form) => drafts.get(form)).filter(Boolean);

  window.addEventListener("pagehide", () => openDrafts().forEach((draft) => draft.leave()));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) openDrafts().forEach((draft) => draft.send());
  });

  /* Rows of a formset --------------------------------------------------------------------------- */

  const FIELDS = "input:not([type=hidden], [type=checkbox]), select, textarea";
  const editorOf = (element) => element.closest("[data-rows]");
  const rowsOf = (editor) => [...editor.querySelectorAll("[data-row]")].filter((row) => !row.hidden);
  const part = (editor, name) => named(editor, `${editor.dataset.rows}-${name}`);
  const fieldsOf = (row) =>
    [...row.querySelectorAll(FIELDS)].filter((field) => field.offsetParent && !field.disabled);

  /* Let ORDER, the buttons and everybody who listens follow what the rows have become. */
  const renumber = (editor, touched = true) => {
    const rows = rowsOf(editor);
    rows.forEach((row, index) => {
      const order = row.querySelector('[name$="-ORDER"]');
      if (order) order.value = index + 1;
      row.querySelector("[data-row-up]")?.toggleAttribute("disabled", index === 0);
      row.querySelector("[data-row-down]")?.toggleAttribute("disabled", index === rows.length - 1);
    });
    const limit = Number(part(editor, "MAX_NUM_FORMS")?.value ?? Infinity);
    editor.querySelector("[data-rows-add]")?.toggleAttribute("disabled", rows.length >= limit);
    if (touched) changed(editor);
  };

  const addRow = (editor) => {
    if (editor.querySelector("[data-rows-add]")?.disabled) return;
    const total = part(editor, "TOTAL_FORMS");
    const holder = document.createElement("template");
    const empty = editor.querySelector("template[data-rows-empty]");
    holder.innerHTML = empty.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.content.firstElementChild;
    editor.querySelector("[data-rows-list]").append(row);
    total.value = Number(total.value) + 1;
    window.htmx?.process(row);
    renumber(editor);
    fieldsOf(row)[0]?.focus();
  };

  /* The row stays in the form, marked for deletion: the indexes of the others must not move. */
  const removeRow = (editor, row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.querySelector('[name$="-DELETE"]').checked = true;
    row.querySelectorAll("[required]").forEach((field) => field.removeAttribute("required"));
    row.hidden = true;
    renumber(editor);
    ((next && fieldsOf(next)[0]) ?? editor.querySelector("[data-rows-add]"))?.focus();
  };

  const moveRow = (editor, row, step) => {
    const rows = rowsOf(editor);
    const other = rows[rows.indexOf(row) + step];
    if (step < 0) other.before(row);
    else other.after(row);
    renumber(editor);
    const [same, opposite] = step < 0 ? ["up", "down"] : ["down", "up"];
    row.querySelector(`[data-row-${same}]:enabled, [data-row-${opposite}]:enabled`)?.focus();
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-rows-add], [data-row-up], [data-row-down], [data-row-remove]");
    if (!button) return;
    const editor = editorOf(button);
    const row = button.closest("[data-row]");
    if ("rowsAdd" in button.dataset) addRow(editor);
    else if ("rowRemove" in button.dataset) removeRow(editor, row);
    else moveRow(editor, row, "rowUp" in button.dataset ? -1 : 1);
  });

  /* [data-chips]: Enter goes on to the next field, from the last one to a new row. */
  document.addEventListener("keydown", (event) => {
    const editor = event.target.closest?.("[data-chips]");
    if (event.key !== "Enter" || !editor || !event.target.matches("[data-row] input")) return;
    event.preventDefault();
    const fields = rowsOf(editor).flatMap(fieldsOf);
    const next = fields[fields.indexOf(event.target) + 1];
    if (next) next.focus();
    else addRow(editor);
  });

  /* Small helps ------------------------------------------------------------------------------- */

  /* The wall clock of a zone as the value of a datetime-local field. */
  const wallClock = (timeZone) => {
    const format = new Intl.DateTimeFormat("en", {
      timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit",
    });
    const at = Object.fromEntries(format.formatToParts().map(({ type, value }) => [type, value]));
    return `${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}`;
  };

  // <button type="button" data-fill-now="id of the field">, in the zone of <html data-zone="…">.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-fill-now]");
    if (!button) return;
    const field = document.getElementById(button.dataset.fillNow);
    const now = wallClock(document.documentElement.dataset.zone);
    field.value = field.type === "date" ? now.slice(0, 10) : now;
    changed(field);
  });

  document.addEventListener("click", ({ target }) => {
    target.closest("[data-dismiss]")?.closest(".message").remove();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details[data-menu][open]");
      if (!menu) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
  });

  // <a data-key="ArrowLeft">: that key follows the link, where nobody is typing.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable], [tabindex='0']")) return;
    document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
  });

  // <select data-submit>: choosing sends the form; without script there is a button.
  document.addEventListener("change", ({ target }) => {
    if (target.matches("select[data-submit]")) target.form.requestSubmit();
  });

  /* Files: <form data-drop> takes those that are dropped on it, lists what is chosen in
     [data-chosen] and shows how far they are; [data-failed] says when they did not arrive. */
  const dropOf = (event) => event.target.closest?.("form[data-drop]");
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      const form = dropOf(event);
      if (!form || !carriesFiles(event)) return;
      event.preventDefault();
      const leaves = type === "dragleave" && !form.contains(event.relatedTarget);
      form.classList.toggle("drop--over", type !== "drop" && !leaves);
      if (type !== "drop") return;
      const field = form.querySelector("input[type=file]");
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  const sizeInWords = (bytes) => (bytes < 1048576
    ? `${Math.ceil(bytes / 1024)} KB`
    : `${(bytes / 1048576).toFixed(1)} MB`);

  document.addEventListener("change", ({ target }) => {
    const list = target.form?.querySelector("[data-chosen]");
    if (!list || target.type !== "file") return;
    list.replaceChildren(...[...target.files].map((file) => {
      const item = document.createElement("li");
      const isLarge = file.size > Number(target.dataset.maxBytes);
      item.classList.toggle("drop__large", isLarge);
      const words = [file.name, sizeInWords(file.size), isLarge && target.dataset.textLarge];
      item.textContent = words.filter(Boolean).join(" · ");
      return item;
    }));
  });

  document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
    const bar = target.querySelector?.(".drop__progress");
    if (!bar || !detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.max(bar.value, (100 * detail.loaded) / detail.total);
  });

  for (const type of ["htmx:sendError", "htmx:responseError", "htmx:beforeRequest"]) {
    document.addEventListener(type, ({ target }) => {
      const failed = target.querySelector?.("[data-failed]");
      if (!failed) return;
      failed.hidden = type === "htmx:beforeRequest";
      target.querySelector("progress").hidden = true;
    });
  }

  /* What is being typed as it will be read: <p data-mirror="id of the field">, and each row of a
     formset a line of <ul data-mirror-rows="its prefix">. */
  const wordsOf = (field) =>
    (field.tagName === "SELECT" ? field.value && field.selectedOptions[0]?.text : field.value) || "";
  const mirror = () => {
    for (const place of document.querySelectorAll("[data-mirror]")) {
      place.textContent = document.getElementById(place.dataset.mirror)?.value.trim() ?? "";
    }
    for (const list of document.querySelectorAll("[data-mirror-rows]")) {
      const editor = document.querySelector(`[data-rows="${CSS.escape(list.dataset.mirrorRows)}"]`);
      const lines = editor ? rowsOf(editor).map((row) => fieldsOf(row).map(wordsOf)) : [];
      list.replaceChildren(...lines.filter((line) => line.some(Boolean)).map((line) => {
        const item = document.createElement("li");
        item.textContent = line.filter(Boolean).join(" · ");
        return item;
      }));
    }
  };
  document.addEventListener("input", mirror);
  document.addEventListener("change", mirror);
  document.addEventListener("click", () => queueMicrotask(mirror));

  /* A form that came back: go to the first field that is marked, which may be far down. */
  const goToFirstMarked = () => {
    const mark = document.querySelector("main .is-invalid, main .invalid-feedback.d-block");
    const place = mark?.matches(FIELDS) ? mark : mark?.parentElement.querySelector(FIELDS) ?? mark;
    place?.focus();
    place?.scrollIntoView({ block: "center" });
  };

  /* [data-fold-narrow]: folded at first where the page is narrow; a link to one opens it. */
  const foldWhereNarrow = () => {
    if (!matchMedia("(max-width: 575.98px)").matches) return;
    for (const panel of document.querySelectorAll("details[data-fold-narrow]")) {
      panel.open = `#${panel.id}` === location.hash;
    }
  };

  document.addEventListener("click", ({ target }) => {
    const link = target.closest('a[href^="#"]');
    const panel = link && document.getElementById(link.hash.slice(1));
    if (panel?.matches("details")) panel.open = true;
  });

  const prepare = (root) => {
    root.querySelectorAll("[data-rows]").forEach((editor) => renumber(editor, false));
  };
  document.addEventListener("DOMContentLoaded", () => {
    prepare(document);
    mirror();
    foldWhereNarrow();
    goToFirstMarked();
  });
  document.addEventListener("htmx:load", ({ detail }) => prepare(detail.elt.parentNode ?? document));
})();
