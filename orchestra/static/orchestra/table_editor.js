/* The editor of decision tables: acts without leaving the page, the reading as one types. */
(function () {
  "use strict";

  const PAUSE_MILLISECONDS = 350;
  const one = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  /* ---- search in a list; without script the form asks the server ---- */

  all("[data-filter]").forEach((field) => {
    const list = one(field.dataset.filter);
    const filter = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      all("tbody tr", list).forEach((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      });
    };
    field.addEventListener("input", filter);
    if (field.form) {
      field.form.addEventListener("submit", (event) => event.preventDefault());
    }
  });

  const form = one("form[data-table-form]");
  if (!form) {
    return;
  }
  let timer = 0;
  let asked = 0;

  const editor = () => one("[data-table-editor]", form);
  const inField = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  function fields(act) {
    const data = new FormData(form);
    data.set("do", act);
    return data;
  }

  async function post(address, act) {
    const headers = { "X-Requested-With": "fetch" };
    const answer = await fetch(address, { method: "POST", body: fields(act), headers, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      throw new Error("no answer");
    }
    return answer;
  }

  const placed = (html) => document.createRange().createContextualFragment(html);

  function unsaved() {
    all("[data-unsaved]").forEach((note) => {
      note.hidden = false;
    });
  }

  /* ---- the reading and the findings, from the server ---- */

  function markFields(card, ref, row) {
    all(".is-bad", card).forEach((field) => field.classList.remove("is-bad"));
    all("[aria-invalid]", card).forEach((field) => {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    });
    row.targets.forEach((target) => {
      const field = document.getElementById(target);
      if (field && field !== card && row.blocks) {
        (field.closest(".tok") || field).classList.add("is-bad");
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", "finding-" + ref);
      }
    });
  }

  function showRow(ref, row) {
    const card = document.getElementById("row-" + ref);
    const said = card && one("[data-read]", card);
    if (!said) {
      return;
    }
    const fresh = placed(row.reading);
    if (said.textContent.trim() !== fresh.textContent.trim() || one("ins, del", said) || one("ins, del", fresh)) {
      said.replaceChildren(fresh);
    }
    const findings = one("[data-findings]", card);
    findings.replaceChildren(placed(row.findings));
    findings.hidden = row.targets.length === 0;
    card.classList.toggle("is-bad", row.blocks);
    card.classList.toggle("is-warn", row.targets.length > 0 && !row.blocks);
    markFields(card, ref, row);
  }

  function showBlocking(count, why) {
    all("[data-submit]").forEach((button) => {
      button.disabled = count > 0;
      button.title = why;
    });
    all("[data-why-not]").forEach((note) => {
      if (note !== editor()) {
        note.textContent = why;
      }
    });
  }

  function show(reading) {
    Object.entries(reading.rows).forEach(([ref, row]) => showRow(ref, row));
    one("[data-errors]", form).replaceChildren(placed(reading.summary));
    showBlocking(reading.blocking, reading.why_not);
  }

  async function read() {
    const mine = ++asked;
    try {
      const reading = await (await post(form.dataset.readingAddress, "check")).json();
      if (mine === asked) {
        show(reading);
      }
    } catch (error) {
      // The next pause asks again; the button checks without script as well.
    }
  }

  /* ---- acts ---- */

  function rowsOf(group) {
    return all('[data-rows-of="' + group + '"] [data-row-ref]', form);
  }

  function focusAfter(act, id) {
    const [name, ref] = act.split(":");
    const [group, number] = (name === "model" ? "rules" : ref || "").split("/")[0].split(".");
    const step = { up: -1, down: 1, copy: 1 }[name] || 0;
    const rows = group ? rowsOf(group) : [];
    let row = document.getElementById("row-" + group + "." + (Number(number) + step));
    let target = id && document.getElementById(id);
    if (name === "add" || name === "model") {
      row = rows[rows.length - 1];
      target = row && one('[id$=".fact"], [id$=".measure"]', row);
    } else if (row && (name === "up" || name === "down")) {
      target = one('[data-move="' + name + '"]', row);
    } else if (row && name === "more") {
      target = all('[id$=".fact"]', row).pop();
    } else if (row && name === "copy") {
      target = one('input[name$=".title"]', row);
    } else if (name === "remove") {
      target = all("[data-gone]", form).find((gone) => gone.dataset.gone.startsWith(group + "."));
      target = (target && one("button", target)) || row || rows[rows.length - 1];
    }
    target = target || row || rows[0];
    if (target) {
      target.focus();
    }
  }

  function openRuns() {
    return all("details.run[open], details.both[open]", form).map((run) => run.id).filter(Boolean);
  }

  async function act(name, id) {
    clearTimeout(timer);
    asked += 1;
    const before = editor();
    const opened = openRuns();
    const sent = post(form.action, name);
    before.inert = true;
    try {
      const page = new DOMParser().parseFromString(await (await sent).text(), "text/html");
      const fresh = document.adoptNode(one("[data-table-editor]", page));
      before.replaceWith(fresh);
      opened.forEach((run) => document.getElementById(run)?.setAttribute("open", ""));
      all("[data-editor-badges]").forEach((badges) => badges.replaceWith(document.adoptNode(one("[data-editor-badges]", page))));
      showBlocking(Number(fresh.dataset.blocking), fresh.dataset.whyNot);
      form.dispatchEvent(new CustomEvent("table:drawn"));
      focusAfter(name, id);
      if (name !== "check" && !name.startsWith("open:") && !name.startsWith("fold:")) {
        unsaved();
      }
    } catch (error) {
      // What was typed stays; the button may be pressed again.
      before.inert = false;
    }
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target !== form || !button || button.hasAttribute("data-plain") || button.name !== "do") {
      return;
    }
    event.preventDefault();
    act(button.value, document.activeElement && document.activeElement.id);
  });

  form.addEventListener("input", (event) => {
    if (!event.target.closest("[data-table-editor]")) {
      return;
    }
    unsaved();
    if (event.target.hasAttribute("data-reshape") || event.target.hasAttribute("data-quiet")) {
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(read, PAUSE_MILLISECONDS);
  });

  form.addEventListener("change", (event) => {
    if (event.target.hasAttribute("data-reshape")) {
      act("check", event.target.dataset.shownAs || event.target.id);
    }
    const chips = event.target.closest("[data-chips]");
    if (chips) {
      const chosen = all("input:checked", chips).map((box) => {
        const chip = document.createElement("span");
        chip.textContent = box.parentElement.textContent.trim();
        return chip;
      });
      one("[data-chosen]", chips).replaceChildren(...chosen);
    }
  });

  /* ---- keys ---- */

  function nextFinding() {
    const links = all("[data-finding]", form).filter((link) => link.checkVisibility());
    if (!links.length) {
      return;
    }
    const at = links.indexOf(document.activeElement);
    const next = links[(at + 1) % links.length];
    next.focus();
    next.scrollIntoView({ block: "center" });
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      const save = one("[data-save]");
      if (save) {
        event.preventDefault();
        form.requestSubmit(save);
      }
    } else if (event.key === "n" && !event.ctrlKey && !event.metaKey && !event.altKey && !inField(event.target)) {
      event.preventDefault();
      nextFinding();
    }
  });

  form.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) {
      return;
    }
    const row = event.target.closest("[data-row-ref]");
    if (row) {
      event.preventDefault();
      act((event.key === "ArrowUp" ? "up:" : "down:") + row.dataset.rowRef);
    }
  });

  form.addEventListener("click", (event) => {
    const found = event.target.closest("[data-target]");
    if (!found) {
      return;
    }
    event.preventDefault();
    const target = document.getElementById(found.dataset.target);
    const row = /^(?:row-)?((?:rules|limits|invariants)\.\d+)/.exec(found.dataset.target);
    const card = row && document.getElementById("row-" + row[1]);
    const run = card && card.closest("details.run");
    if (run) {
      run.open = true;
    }
    if (target) {
      const folded = target.matches("details") ? target : null;
      if (folded) {
        folded.open = true;
      }
      (folded ? one("summary", folded) : target).focus();
      target.scrollIntoView({ block: "center" });
    } else if (card && card.matches(".is-open")) {
      card.focus();
    } else if (row) {
      act("open:" + row[1], found.dataset.target);
    }
  });
})();
