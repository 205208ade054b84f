// One ledger entry: in words or raw. Without this both stand below each other.
//
// data-entry holds data-entry-tab="words|raw" and data-entry-view of the same names; e goes from
// one to the other, p takes the proof. The choice is kept while the tab of the browser is open.
(function () {
  "use strict";

  const KEPT = "orc.entry.view";
  const entry = document.querySelector("[data-entry]");
  if (!entry) {
    return;
  }
  const tabs = Array.from(entry.querySelectorAll("[data-entry-tab]"));
  const views = Array.from(entry.querySelectorAll("[data-entry-view]"));

  function show(name) {
    tabs.forEach((tab) => {
      const on = tab.dataset.entryTab === name;
      tab.classList.toggle("is-on", on);
      tab.setAttribute("aria-pressed", on ? "true" : "false");
      tab.toggleAttribute("data-key", !on);
      if (!on) {
        tab.dataset.key = "e";
      }
    });
    views.forEach((view) => (view.hidden = view.dataset.entryView !== name));
    sessionStorage.setItem(KEPT, name);
  }

  entry.querySelectorAll("[data-entry-tabs], [data-entry-keys]").forEach((part) => (part.hidden = false));
  entry.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-entry-tab]");
    if (tab) {
      show(tab.dataset.entryTab);
    }
  });
  // The link of the proof lies in the raw view, so the key has to reach it while that is hidden.
  document.addEventListener("keydown", (event) => {
    const typed = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (event.key !== "p" || typed || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    const proof = entry.querySelector("[data-entry-proof]");
    if (proof) {
      event.preventDefault();
      proof.click();
    }
  });
  show(sessionStorage.getItem(KEPT) === "raw" ? "raw" : "words");
})();
