// The few behaviours of the pages. Every page works without them; nothing here decides.
//
// Markup says what a page offers:
//   data-key="a"            a key that clicks the element (not while a field has the focus)
//   data-focus="r"          a key that puts the cursor into a field
//   data-submit             a button that Ctrl Enter presses from within its form
//   data-rows, data-row     a list with a cursor: j, k, Enter
//   data-poll="URL"         an element that is asked again until its answer stops asking
//   data-vote="URL"         a vote whose arrival can be asked for at the URL
//   data-copy="text"        copies the text
(function () {
  "use strict";

  const VOTE_PATIENCE_SECONDS = 10;
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);

  /* ---- light, dark, menu, copy ---- */

  function markTheme() {
    all("[data-theme-set]").forEach((button) => {
      const on = button.dataset.themeSet === window.orcTheme.get();
      button.classList.toggle("is-on", on);
      button.setAttribute("aria-pressed", on ? "true" : "false");
    });
  }

  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-set]");
    if (theme) {
      window.orcTheme.set(theme.dataset.themeSet);
      markTheme();
    }
    const menu = event.target.closest("[data-menu]");
    const sidebar = one("#sidebar");
    if (menu && sidebar) {
      const open = sidebar.classList.toggle("is-open");
      menu.setAttribute("aria-expanded", open ? "true" : "false");
    } else if (sidebar && sidebar.classList.contains("is-open") && !event.target.closest("#sidebar")) {
      sidebar.classList.remove("is-open");
    }
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        copy.classList.add("is-copied");
        setTimeout(() => copy.classList.remove("is-copied"), 1200);
      });
    }
    if (event.target.closest("[data-show-new]")) {
      event.preventDefault();
      location.reload();
    }
  });

  /* ---- keys ---- */

  const PLACES = { s: "index", a: "approvals", c: "cases", h: "handoffs", l: "ledger", e: "exceptions", n: "notices", q: "quality" };
  let going = false;

  function inField(target) {
    return target.closest("input, textarea, select, [contenteditable]") !== null;
  }

  function go(key) {
    const link = one('[data-place="' + PLACES[key] + '"]');
    if (link) {
      link.click();
    }
  }

  function move(step) {
    const rows = all("[data-rows] [data-row]").filter((row) => row.offsetParent !== null);
    if (!rows.length) {
      return false;
    }
    const at = rows.findIndex((row) => row.classList.contains("is-cursor"));
    const next = Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step));
    rows.forEach((row, index) => row.classList.toggle("is-cursor", index === next));
    rows[next].scrollIntoView({ block: "nearest" });
    return true;
  }

  function cursor() {
    return all("[data-row].is-cursor").find((row) => row.offsetParent !== null) || null;
  }

  function press(key) {
    const row = cursor();
    const inRow = row && one('[data-key="' + CSS.escape(key) + '"]', row);
    const outside = all('[data-key="' + CSS.escape(key) + '"]').find(
      (element) => !element.closest("[data-row]") && element.offsetParent !== null && !element.disabled,
    );
    const target = inRow || outside;
    if (!target) {
      const field = one('[data-focus="' + CSS.escape(key) + '"]');
      if (field) {
        field.focus();
      }
      return field !== null;
    }
    // A vote needs a bar that has been on the screen; a bar without votes only leads away.
    const bar = target.closest("form.decision-bar");
    if (bar && !bar.dataset.seen) {
      return false;
    }
    target.click();
    return true;
  }

  const COMMANDS = {
    "/": () => one("#find") && one("#find").focus(),
    "?": () => one("#keys") && one("#keys").showModal(),
    g: () => {
      going = true;
      setTimeout(() => (going = false), 1200);
    },
    j: () => move(1) || press("j"),
    k: () => move(-1) || press("k"),
    f: () => {
      const filter = one("[data-filters] [aria-current]") || one("[data-filters] a, [data-filters] select");
      return filter ? filter.focus() : press("f");
    },
    Enter: () => {
      const row = cursor();
      const link = row && one("[data-open]", row);
      return link ? link.click() : false;
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && event.target.form) {
      const button = one("[data-submit]", event.target.form);
      if (button) {
        button.click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    if (inField(event.target)) {
      if (event.key === "Escape") {
        event.target.blur();
      }
      return;
    }
    if (event.key === "Enter" && event.target.closest("a, button, summary")) {
      return;
    }
    if (going) {
      going = false;
      if (PLACES[event.key]) {
        event.preventDefault();
        go(event.key);
      }
      return;
    }
    const command = COMMANDS[event.key];
    if (command ? command() !== false : press(event.key)) {
      event.preventDefault();
    }
  });

  /* ---- asking again ---- */

  async function fetchPage(url) {
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      throw new Error("no answer");
    }
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  /* Nobody's words are taken from under their hands. */
  function isWrittenIn(element) {
    const fields = all("textarea, input:not([type=hidden])", element);
    return fields.some((field) => field === document.activeElement || field.value !== field.defaultValue);
  }

  function poll(element) {
    const seconds = Number(element.dataset.pollSeconds || 2);
    setTimeout(async () => {
      let next = element;
      try {
        const page = await fetchPage(element.dataset.poll);
        const answer = one("#" + element.id, page);
        if (answer && !isWrittenIn(element)) {
          element.replaceWith(answer);
          next = answer;
        }
      } catch (error) {
        // The next question may be answered.
      }
      if (next.dataset.poll) {
        poll(next);
      } else {
        location.reload();
      }
    }, seconds * 1000);
  }

  /* ---- voting: one vote, and an honest answer when none comes back ---- */

  function tellVote(form, part) {
    const note = one("[data-vote-note]");
    if (!note) {
      return;
    }
    note.hidden = false;
    all("[data-vote-part]", note).forEach((element) => (element.hidden = element.dataset.votePart !== part));
    note.scrollIntoView({ block: "nearest" });
    all("button", form).forEach((button) => (button.disabled = part === "unknown"));
  }

  async function askVote(form, misses) {
    try {
      const answer = await fetch(form.dataset.vote, { credentials: "same-origin" });
      const standing = await answer.json();
      if (standing.voted || standing.state !== "pending") {
        location.reload();
        return;
      }
      if (misses >= 2) {
        tellVote(form, "lost");
        return;
      }
      setTimeout(() => askVote(form, misses + 1), 2000);
    } catch (error) {
      setTimeout(() => askVote(form, 0), 3000);
    }
  }

  function sendVote(form, button) {
    const data = new FormData(form);
    data.set(button.name, button.value);
    all("button", form).forEach((element) => (element.disabled = true));
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), VOTE_PATIENCE_SECONDS * 1000);
    const headers = { "X-Requested-With": "fetch" };
    fetch(form.action, { method: "POST", body: data, headers, credentials: "same-origin", signal: stop.signal })
      .then((answer) => {
        clearTimeout(patience);
        if (answer.status >= 500) {
          throw new Error("no answer");
        }
        if (!answer.ok) {
          return location.href;
        }
        return answer.redirected ? answer.url : answer.json().then((told) => told.next);
      })
      .then((next) => location.assign(next))
      .catch(() => {
        tellVote(form, "unknown");
        askVote(form, 0);
      });
  }

  function prepareVote(form) {
    const reason = one("[name=reason]", form);
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!button) {
        return;
      }
      if (button.hasAttribute("data-plain")) {
        // Not a vote: the browser follows the button's own address.
        return;
      }
      event.preventDefault();
      if (button.value === "reject" && reason && !reason.value.trim()) {
        reason.setAttribute("aria-invalid", "true");
        reason.classList.add("is-bad");
        reason.focus();
        return;
      }
      sendVote(form, button);
    });
    const bar = form.closest(".decision-bar") || one(".decision-bar", form);
    if (bar) {
      new IntersectionObserver((entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          bar.dataset.seen = "yes";
        }
      }).observe(bar);
    }
  }

  all("[data-poll]").forEach(poll);
  all("form[data-vote]").forEach(prepareVote);
  markTheme();
})();
