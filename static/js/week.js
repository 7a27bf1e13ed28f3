/* A person's week and the plan of a subtask: what the server will judge is shown while one types.
   Everything works without it. Words come from data attributes. */
(() => {
  "use strict";

  const percent = (field) => (/^\d{1,3}$/.test(field.value) && field.value <= 100 ? Number(field.value) : null);
  const say = (place, text, n) => { place.textContent = (text ?? "").replace("{n}", n); };

  /* One subtask of a week ---------------------------------------------------------------------- */

  const lines = [...document.querySelectorAll("[data-line]")].map((line) => ({
    line,
    actual: line.querySelector('[name$="-actual"]'),
    slide: line.querySelector("[data-slide]"),
    now: line.querySelector("[data-now]"),
    gap: line.querySelector("[data-gap]"),
    why: line.querySelector("[data-why]"),
    cause: line.querySelector('[name$="-cause"]'),
    reason: line.querySelector('[name$="-reason"]'),
    planned: Number(line.dataset.planned),
    before: line.dataset.before === "" ? 0 : Number(line.dataset.before),
    tolerance: Number(line.dataset.tolerance),
  }));

  /* The words beside the figure, and whether it needs a cause. */
  const judge = (row, value) => {
    const behind = row.planned - value;
    const falls = value < row.before;
    const words = behind > 0 ? "textBehind" : behind < 0 ? "textAhead" : "textEven";
    say(row.gap, row.line.dataset[words], Math.abs(behind));
    if (falls) row.gap.textContent += ` · ${row.line.dataset.textFalls}`;
    row.gap.dataset.state = behind > row.tolerance ? "late" : Math.abs(behind) > row.tolerance || falls ? "soon" : "";
    return falls || Math.abs(behind) > row.tolerance;
  };

  /* A promise that was not kept is the first cause there is for being behind; taken back unasked. */
  const offer = (row, value) => {
    const promised = row.cause.querySelector('option[value^="promise:"]');
    const behind = value !== null && row.planned - value > row.tolerance;
    if (promised && behind && !row.cause.value) {
      row.cause.value = promised.value;
      row.cause.dataset.offered = "";
    } else if (!behind && "offered" in row.cause.dataset) {
      row.cause.value = "";
      delete row.cause.dataset.offered;
    }
    speak(row);
  };

  /* What the promise will say where no sentence is written. */
  const speak = (row) => {
    const [chosen] = row.cause.selectedOptions;
    row.reason.placeholder = chosen?.value.startsWith("promise:") ? chosen.text : "";
  };

  const follow = (row, { offering = true } = {}) => {
    const value = percent(row.actual);
    const asked = value !== null && judge(row, value);
    if (value === null) row.gap.textContent = "";
    row.now.setAttribute("width", value ?? 0);
    row.slide.value = value ?? row.before;
    if (offering) offer(row, value);
    const marked = row.why.querySelector(".is-invalid");
    row.why.toggleAttribute("data-asked", Boolean(asked || row.cause.value || row.reason.value || marked));
    count();
  };

  const told = document.querySelector("[data-told]");
  const count = () => {
    const open = lines.filter(({ line }) => !line.closest("details"));
    const filled = open.filter(({ actual }) => actual.value !== "").length;
    if (open.length) say(told, told.dataset.text.replace("{all}", open.length), filled);
  };

  const put = (row, value) => {
    row.actual.value = value;
    row.actual.dispatchEvent(new Event("input", { bubbles: true }));
  };

  for (const row of lines) {
    row.actual.addEventListener("input", () => follow(row));
    row.slide.addEventListener("input", () => put(row, row.slide.value));
    row.cause.addEventListener("change", () => {
      delete row.cause.dataset.offered;
      speak(row);
    });
    row.line.querySelector("[data-as-planned]").addEventListener("click", () => {
      put(row, row.planned);
    });
    follow(row, { offering: false });
  }

  /* The plan of a subtask ------------------------------------------------------------------------ */

  const steps = [...document.querySelectorAll("[data-step]")];
  const check = () => {
    let before = 0;
    steps.forEach((step, index) => {
      const field = step.querySelector("input");
      const value = percent(field);
      const last = index === steps.length - 1;
      const wrong = value === null ? "" : value < before ? "falls" : last && value < 100 ? "ends" : "";
      step.querySelector("progress").value = value ?? 0;
      field.classList.toggle("is-invalid", wrong !== "");
      say(step.querySelector("[data-wrong]"), step.closest("[data-steps]").dataset[wrong]);
      before = Math.max(before, value ?? 0);
    });
  };
  for (const step of steps) step.addEventListener("input", check);
})();
