// The page of a review: keys, quotes, and saving after every answer. The page works without it.
//
// What is not saved yet is kept in the browser too, and sent again until the server has it.
(function () {
  "use strict";

  const form = document.querySelector("[data-review]");
  if (!form) {
    return;
  }
  const RETRY_SECONDS = 15;
  const one = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const kept = "review:" + form.dataset.review;
  const revision = form.elements.revision;
  let dirtySince = "";
  let saving = null;
  let again = false;
  let stuck = false;
  let seconds = 0;
  let sent = 0;
  let retry = 0;
  let going = false;

  one("[data-by-hand]").hidden = true;
  setInterval(() => {
    if (document.visibilityState === "visible") {
      seconds += 1;
    }
  }, 1000);

  /* ---- what the form holds ---- */

  function held() {
    const values = {};
    new FormData(form).forEach((value, name) => {
      if (name !== "csrfmiddlewaretoken" && name !== "revision" && name !== "seconds") {
        values[name] = value;
      }
    });
    return values;
  }

  function restore(values) {
    all("input, textarea", form).forEach((field) => {
      if (["csrfmiddlewaretoken", "revision", "seconds"].includes(field.name)) {
        return;
      }
      if (field.type === "radio") {
        field.checked = values[field.name] === field.value;
      } else if (field.name) {
        field.value = values[field.name] || "";
      }
    });
    all("[data-question]").forEach(showQuotes);
    conditions();
  }

  function remember() {
    try {
      localStorage.setItem(kept, JSON.stringify({ revision: revision.value, values: held(), since: dirtySince }));
    } catch (error) {
      // Without room the answers are on this screen only, and the page says so if they stay there.
    }
  }

  function forget() {
    try {
      localStorage.removeItem(kept);
    } catch (error) {
      // Nothing was kept.
    }
  }

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(kept) || "null");
    } catch (error) {
      return null;
    }
  }

  /* ---- saving ---- */

  function clock() {
    return new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  }

  function changed() {
    dirtySince = dirtySince || clock();
    form.dataset.waiting = "yes";
    remember();
    save();
  }

  function save() {
    if (stuck) {
      return Promise.resolve(false);
    }
    if (saving) {
      again = true;
      return saving;
    }
    clearTimeout(retry);
    saving = send().finally(() => {
      saving = null;
      if (again) {
        again = false;
        save();
      }
    });
    return saving;
  }

  async function send() {
    const body = new FormData(form);
    sent = seconds;
    body.set("seconds", String(sent));
    let answer;
    let told;
    try {
      answer = await fetch(form.dataset.save, {
        method: "POST", body: body, credentials: "same-origin",
        headers: { Accept: "application/json", "X-Requested-With": "fetch" },
      });
      told = await answer.json();
    } catch (error) {
      unsaved();
      return false;
    }
    if (answer.ok) {
      saved(told);
      return true;
    }
    if (told.code === "review.saved_elsewhere") {
      elsewhere(told.message, told.revision);
    } else {
      refused(told);
    }
    return false;
  }

  function saved(told) {
    revision.value = told.revision;
    seconds -= sent;
    one("[data-unsaved]").hidden = true;
    one("[data-saved]").classList.remove("is-bad");
    one("[data-saved]").textContent = told.saved;
    put(one("[data-foot]"), told.foot);
    all("[data-error]", form).forEach((place) => { place.textContent = ""; });
    all(".is-wrong", form).forEach((place) => place.classList.remove("is-wrong"));
    Object.entries(told.quotes).forEach(([key, quotes]) => {
      const question = one("#question-" + CSS.escape(key));
      const typed = form.elements["words." + key];
      if (question && typed && typed.value && document.activeElement !== typed) {
        typed.value = "";
        form.elements["quotes." + key].value = JSON.stringify(quotes.stored);
        showQuotes(question, quotes.words);
      }
    });
    if (again) {
      remember();
    } else {
      dirtySince = "";
      delete form.dataset.waiting;
      forget();
    }
  }

  function put(place, html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    place.replaceChildren(...Array.from(page.body.childNodes).map((part) => document.adoptNode(part)));
  }

  function unsaved() {
    const since = one("[data-unsaved-since]");
    since.textContent = since.dataset.words.replace("%s", dirtySince || clock());
    one("[data-unsaved]").hidden = false;
    one("[data-saved]").classList.add("is-bad");
    one("[data-saved]").textContent = since.textContent;
    retry = setTimeout(save, RETRY_SECONDS * 1000);
  }

  function refused(told) {
    one("[data-saved]").classList.add("is-bad");
    one("[data-saved]").textContent = told.message || "";
    (told.errors || []).forEach((error) => {
      const question = one("#question-" + CSS.escape(error.field.split(".")[1] || ""));
      if (question) {
        question.classList.add("is-wrong");
        one("[data-error]", question).textContent = error.message;
      }
    });
  }

  function elsewhere(message, number) {
    const alert = one("[data-elsewhere]");
    stuck = true;
    if (message) {
      one("[data-elsewhere-words]").textContent = message;
    }
    alert.dataset.revision = number;
    alert.hidden = false;
    alert.scrollIntoView({ block: "center" });
  }

  one("[data-keep-these]").addEventListener("click", () => {
    const alert = one("[data-elsewhere]");
    const before = alert.dataset.values;
    if (before) {
      restore(JSON.parse(before));
      delete alert.dataset.values;
    }
    revision.value = alert.dataset.revision;
    alert.hidden = true;
    stuck = false;
    changed();
  });

  one("[data-keep-those]").addEventListener("click", () => {
    forget();
    location.reload();
  });

  form.addEventListener("change", (event) => {
    conditions();
    changed();
    const question = event.target.closest("[data-question]");
    if (question) {
      mark(question);
    }
  });

  form.addEventListener("input", () => {
    dirtySince = dirtySince || clock();
    remember();
  });

  form.addEventListener("submit", (event) => {
    if (form.dataset.ready) {
      forget();
      return;
    }
    event.preventDefault();
    finish();
  });

  async function finish() {
    if (saving) {
      await saving;
    }
    if (await save()) {
      form.dataset.ready = "yes";
      form.elements.seconds.value = "0";
      forget();
      form.submit();
    }
  }

  /* ---- questions ---- */

  function shownQuestions() {
    return all("[data-question]", form).filter((question) => !question.hidden);
  }

  function conditions() {
    all("[data-after]", form).forEach((question) => {
      const before = one("#question-" + CSS.escape(question.dataset.after));
      const chosen = one("input[type=radio]:checked", before);
      const fits = chosen && question.dataset.afterAnswers.split(" ").includes(chosen.value);
      question.hidden = before.hidden || !fits;
    });
  }

  function current() {
    return one(".rv-q.is-now", form);
  }

  function mark(question) {
    all(".rv-q.is-now", form).forEach((each) => each.classList.remove("is-now"));
    question.classList.add("is-now");
  }

  function step(by) {
    const questions = shownQuestions();
    const place = questions.indexOf(current());
    const next = questions[Math.max(0, Math.min(questions.length - 1, place + by))];
    if (next) {
      mark(next);
      next.scrollIntoView({ block: "nearest" });
    }
  }

  function answer(number) {
    const option = current() && one('input[data-number="' + number + '"]', current());
    if (option) {
      option.checked = true;
      option.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  /* ---- evidence ---- */

  function quotesOf(question) {
    const field = form.elements["quotes." + question.dataset.question];
    try {
      return field && field.value ? JSON.parse(field.value) : [];
    } catch (error) {
      return [];
    }
  }

  function textOf(quote) {
    if (quote.call) {
      const call = one('[data-call="' + CSS.escape(quote.call) + '"]');
      return call ? call.dataset.title : quote.call;
    }
    if (quote.part) {
      const part = one('[data-part="' + CSS.escape(quote.part) + '"]');
      return part ? part.dataset.title : quote.part;
    }
    const message = one('[data-message="' + CSS.escape(quote.message) + '"]');
    const pieces = message ? all("[data-from]", message) : [];
    return "“" + pieces.map((piece) => {
      const from = Number(piece.dataset.from);
      const to = Number(piece.dataset.to);
      if (to <= quote.start || from >= quote.end) {
        return "";
      }
      return "masked" in piece.dataset ? piece.textContent
        : Array.from(piece.textContent).length === to - from
          ? Array.from(piece.textContent).slice(Math.max(0, quote.start - from), quote.end - from).join("")
          : piece.textContent;
    }).join("") + "”";
  }

  function showQuotes(question, texts) {
    const list = one("[data-evidence]", question);
    if (!list) {
      return;
    }
    const number = one(".i", question).textContent;
    list.replaceChildren(...quotesOf(question).map((quote, place) => {
      const line = document.createElement("li");
      const sign = document.createElement("span");
      const remove = document.createElement("button");
      sign.className = "rv-no";
      sign.textContent = number;
      remove.type = "button";
      remove.className = "btn is-quiet is-s";
      remove.dataset.unquote = String(place);
      remove.textContent = "×";
      line.append(sign, " " + ((Array.isArray(texts) && texts[place]) || textOf(quote)) + " ", remove);
      return line;
    }));
  }

  function keep(question, quotes) {
    form.elements["quotes." + question.dataset.question].value = JSON.stringify(quotes);
    showQuotes(question);
    changed();
  }

  // Places are counted as the server counts: by characters, not by halves of them.
  function placeOf(node, offset, isEnd) {
    const base = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const piece = base && base.closest && base.closest("[data-from]");
    if (!piece) {
      return null;
    }
    if ("masked" in piece.dataset) {
      return Number(isEnd ? piece.dataset.to : piece.dataset.from);
    }
    const upTo = node.nodeType === Node.TEXT_NODE ? node.data.slice(0, offset) : offset ? piece.textContent : "";
    return Number(piece.dataset.from) + Array.from(upTo).length;
  }

  // A call and a part of the bundle are quoted whole.
  function placeOfWhole(place) {
    return place.dataset.part ? { part: place.dataset.part } : { call: place.dataset.call };
  }

  function selected() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed) {
      return null;
    }
    const range = selection.getRangeAt(0);
    const base = range.startContainer.nodeType === Node.TEXT_NODE ? range.startContainer.parentElement : range.startContainer;
    const part = base.closest("[data-part]");
    if (part) {
      return placeOfWhole(part);
    }
    const message = base.closest("[data-message]");
    const start = placeOf(range.startContainer, range.startOffset, false);
    let end = placeOf(range.endContainer, range.endOffset, true);
    if (!message || start === null) {
      return null;
    }
    const pieces = all("[data-from]", message);
    if (end === null || !message.contains(range.endContainer)) {
      end = Number(pieces[pieces.length - 1].dataset.to);
    }
    return end > start ? { message: message.dataset.message, start: start, end: end } : null;
  }

  function quote() {
    const question = current();
    const whole = one(".rv-call.is-now, .rv-part.is-now");
    const found = selected() || (whole && placeOfWhole(whole));
    if (question && found && one("[data-evidence]", question)) {
      cite(question, found);
      document.getSelection().removeAllRanges();
    }
  }

  function cite(question, found) {
    const quotes = quotesOf(question);
    if (!quotes.some((each) => found.part && each.part === found.part)) {
      keep(question, quotes.concat([found]));
    }
  }

  all("[data-quote-part]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const question = current();
      if (question && one("[data-evidence]", question)) {
        cite(question, placeOfWhole(button.closest("[data-part]")));
      }
    });
  });

  document.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-unquote]");
    if (remove) {
      const question = remove.closest("[data-question]");
      keep(question, quotesOf(question).filter((each, place) => place !== Number(remove.dataset.unquote)));
    }
    const question = event.target.closest("[data-question]");
    if (question) {
      mark(question);
    }
    const opens = event.target.closest("[data-opens]");
    if (opens) {
      one("#" + opens.dataset.opens).open = true;
      one("#" + opens.dataset.opens + " select").focus();
    }
  });

  function stepCall(by) {
    const calls = all("[data-call], [data-part]");
    const place = calls.findIndex((call) => call.classList.contains("is-now"));
    const next = calls[place < 0 ? (by > 0 ? 0 : calls.length - 1) : Math.max(0, Math.min(calls.length - 1, place + by))];
    calls.forEach((call) => call.classList.remove("is-now"));
    if (next) {
      next.classList.add("is-now");
      next.scrollIntoView({ block: "center" });
    }
  }

  /* ---- keys ---- */

  const ACTS = {
    j: () => step(1), k: () => step(-1), e: quote,
    "[": () => stepCall(-1), "]": () => stepCall(1),
    c: () => {
      const more = current() && one(".rv-more", current());
      if (more) {
        more.open = true;
        one("textarea", more).focus();
      }
    },
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(one("[data-hand-in]"));
      return;
    }
    const field = event.target.closest("textarea, select, input:not([type=radio])");
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (field) {
      if (event.key === "Escape") {
        field.blur();
      }
      return;
    }
    if (going) {
      going = false;
      return;
    }
    going = event.key === "g";
    if (/^[1-9]$/.test(event.key)) {
      answer(event.key);
    } else if (ACTS[event.key]) {
      event.preventDefault();
      ACTS[event.key]();
    }
  });

  /* ---- where one left off ---- */

  const before = remembered();
  if (before && before.revision === revision.value) {
    restore(before.values);
    dirtySince = before.since;
    changed();
  } else if (before) {
    one("[data-elsewhere]").dataset.values = JSON.stringify(before.values);
    elsewhere("", revision.value);
  }
  conditions();
  const open = shownQuestions().find((question) => !one("input:checked", question) && one("input[type=radio]", question));
  const first = open || shownQuestions()[0];
  if (first) {
    mark(first);
  }
})();
