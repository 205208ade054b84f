/* Shows how an article will look while it is written; the server renders it. */
(function () {
  "use strict";

  const PAUSE_MILLISECONDS = 400;
  const form = document.querySelector("form[data-article-form]");
  const shown = form && form.querySelector("[data-preview]");
  if (!shown) {
    return;
  }
  const body = form.querySelector("[name=body]");
  let timer = 0;
  let asked = 0;

  async function show() {
    const mine = ++asked;
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    data.set("body", body.value);
    let text;
    try {
      const answer = await fetch(form.dataset.previewAddress, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
      });
      if (!answer.ok || answer.redirected) {
        return;
      }
      text = await answer.text();
    } catch (error) {
      // Without an answer the last view stays; the Preview button tells what is wrong.
      return;
    }
    if (mine === asked) {
      // Parsed apart from the page, so that nothing in it can run or load.
      const parsed = new DOMParser().parseFromString(text, "text/html");
      shown.replaceChildren(...parsed.body.childNodes);
    }
  }

  body.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(show, PAUSE_MILLISECONDS);
  });

  let saved = false;
  const first = new FormData(form);
  const unsaved = () => Array.from(new FormData(form)).some(([name, value]) => first.getAll(name).indexOf(value) < 0);
  form.addEventListener("submit", () => {
    saved = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!saved && unsaved()) {
      event.preventDefault();
    }
  });
})();
