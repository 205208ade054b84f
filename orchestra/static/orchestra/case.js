// The case page while a person works on it: it asks again for what was said and who is here,
// keeps what the person types, and marks what is still the AI's words.
//
//   data-lines="URL"         the conversation, and where it is asked for again with its standing
//   data-draft="text"        a field that begins with a draft
//   data-draft-empty="id", data-draft-back="id", data-draft-told="id"
//   data-articles="URL"      a search whose answer stands beside the conversation
(function () {
  "use strict";

  const EVERY_SECONDS = 5;
  const one = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  async function fetchPart(url) {
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      throw new Error("no answer");
    }
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  function put(place, page) {
    const fresh = one("#" + place.id, page);
    if (fresh && fresh.innerHTML.trim() !== place.innerHTML.trim()) {
      place.replaceChildren(...Array.from(fresh.childNodes).map((part) => document.adoptNode(part)));
      return true;
    }
    return false;
  }

  /* ---- what is new ---- */

  const lines = one("[data-lines]");

  async function ask() {
    try {
      const page = await fetchPart(lines.dataset.lines);
      put(one("#live"), page);
      // Whoever opened personal data keeps it on the page; new words come with the next opening.
      if (!lines.dataset.unmasked) {
        put(lines, page);
      }
    } catch (error) {
      // The next question may be answered.
    }
    setTimeout(ask, EVERY_SECONDS * 1000);
  }

  if (lines) {
    setTimeout(ask, EVERY_SECONDS * 1000);
  }

  /* ---- an entry of the record that a claim points at: the record opens for it ---- */

  function openRecord() {
    const entry = location.hash.startsWith("#entry-") && one(location.hash);
    const record = entry && entry.closest("details");
    if (record) {
      record.open = true;
      entry.scrollIntoView({ block: "center" });
    }
  }

  window.addEventListener("hashchange", openRecord);
  openRecord();

  /* ---- drafts ---- */

  function tell(field) {
    field.classList.toggle("is-draft", field.value !== "" && field.value === field.dataset.draft);
  }

  all("[data-draft]").forEach((field) => {
    tell(field);
    field.addEventListener("input", () => tell(field));
  });

  document.addEventListener("click", (event) => {
    const empty = event.target.closest("[data-draft-empty]");
    const back = event.target.closest("[data-draft-back]");
    const button = empty || back;
    if (!button) {
      return;
    }
    const field = document.getElementById(button.dataset.draftEmpty || button.dataset.draftBack);
    field.value = empty ? "" : field.dataset.draft;
    tell(field);
    field.focus();
  });

  /* ---- knowledge beside the conversation ---- */

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-articles]");
    if (!form) {
      return;
    }
    event.preventDefault();
    const words = new URLSearchParams(new FormData(form));
    fetchPart(form.dataset.articles + "?" + words)
      .then((page) => {
        const found = one("#articles-found", page);
        one("#articles").replaceChildren(document.adoptNode(found));
      })
      .catch(() => form.submit());
  });
})();
