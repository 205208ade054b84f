// Lets the drawing and the findings follow the form; without it the button does the same.
"use strict";
document.querySelectorAll("[data-sheet-form]").forEach((form) => {
  const live = document.querySelector("[data-sheet-live]");
  let waiting = 0;
  let asked = 0;
  const ask = async () => {
    const number = ++asked;
    const body = new FormData(form);
    body.set("do", "live");
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      const text = await answer.text();
      if (answer.ok && number === asked) live.innerHTML = text;
    } catch {
      // The drawing stays as it was; the form still holds everything.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
});
