// What only an approval's page and its edit need. Both work without it.
//
// Markup says what a page offers:
//   form.decision-bar select[name=reason_code]   a rejection needs a kind of reason
//   [data-key="Enter"]                           the one forward act of a page without a list
//   form[data-edit] [data-was]                   a field, with what is asked for now
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);

  // Before the vote is sent: capturing, so that nothing is sent without a kind of reason.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const kind = form.matches("form.decision-bar") ? one("select[name=reason_code]", form) : null;
      if (!kind || !event.submitter || event.submitter.value !== "reject" || kind.value) {
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      kind.setAttribute("aria-invalid", "true");
      kind.classList.add("is-bad");
      kind.focus();
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, textarea, select, a, button, summary, dialog");
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    const act = one('a[data-key="Enter"]');
    if (event.key === "Enter" && plain && !busy && act && !event.defaultPrevented) {
      event.preventDefault();
      act.click();
    }
  });

  function watchEdit(form) {
    const count = one("[data-edit-count]");
    function tell() {
      const changed = all("[data-was]", form).filter((field) => {
        const input = one("input, textarea, select", field);
        const on = input.value.trim() !== field.dataset.was.trim();
        field.classList.toggle("is-changed", on);
        return on;
      });
      const names = changed.map((field) => one("label", field).firstChild.textContent.trim());
      count.textContent = names.length
        ? count.dataset.some + " " + names.join(", ")
        : count.dataset.none;
    }
    form.addEventListener("input", tell);
    tell();
  }

  all("form[data-edit]").forEach(watchEdit);
})();
