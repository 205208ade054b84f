// Tells, once, when every part of a request has been on screen to its end. Nothing waits for it:
// without it the vote counts as cast on a page that was opened.
(function () {
  "use strict";

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("[data-evidence-seen]");
    if (!form || !("IntersectionObserver" in window)) {
      return;
    }
    const parts = Array.from(document.querySelectorAll("main section.card, main .alert"));
    const waiting = new Set();
    const observer = new IntersectionObserver((entries) => {
      entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
        waiting.delete(entry.target);
        observer.unobserve(entry.target);
      });
      if (!waiting.size && form.dataset.evidenceSeen !== "told") {
        form.dataset.evidenceSeen = "told";
        fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" }).catch(() => {});
      }
    });
    parts.filter((part) => part.offsetParent !== null).forEach((part) => {
      const end = document.createElement("span");
      end.className = "seen-mark";
      end.setAttribute("aria-hidden", "true");
      part.append(end);
      waiting.add(end);
      observer.observe(end);
    });
  });
})();
