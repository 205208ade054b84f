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

  /* ---- the reading, from the server ---- */

  function link(target, message) {
    const item = document.createElement("li");
    const anchor = document.createElement("a");
    anchor.href = "#" + target;
    anchor.dataset.target = target;
    anchor.textContent = message;
    item.append(anchor);
    return item;
  }

  function showRow(ref, row) {
    const card = document.getElementById("row-" + ref);
    const said = card && one("[data-reading]", card);
    if (!said) {
      return;
    }
    if (said.textContent !== row.sentence) {
      said.textContent = row.sentence;
    }
    const findings = one("[data-findings]", card);
    findings.replaceChildren(...row.errors.map((error) => link(error.target, error.message)));
    findings.hidden = row.errors.length === 0;
    card.classList.toggle("is-bad", row.errors.length > 0);
    all(".is-bad", card).forEach((field) => {
      field.classList.remove("is-bad");
      field.removeAttribute("aria-invalid");
    });
    row.errors.forEach((error) => {
      const field = document.getElementById(error.target);
      if (field && field !== card) {
        field.classList.add("is-bad");
        field.setAttribute("aria-invalid", "true");
      }
    });
  }

  function show(reading) {
    Object.entries(reading.rows).forEach(([ref, row]) => showRow(ref, row));
    const box = one("[data-errors]", form);
    box.hidden = reading.count === 0;
    one("[data-error-count]", box).textContent = reading.words;
    one("[data-error-links]", box).replaceChildren(
      ...reading.links.map((found) => link(found.target, found.where + ": " + found.message)),
    );
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

  function focusAfter(act, id) {
    const [name, ref] = act.split(":");
    const [group, number] = (ref || "").split("/")[0].split(".");
    const step = { up: -1, down: 1, copy: 1 }[name] || 0;
    const moved = group + "." + (Number(number) + step);
    const rows = all('[data-rows-of="' + group + '"] > [data-row-ref]', form);
    const row = name === "add" ? rows[rows.length - 1] : document.getElementById("row-" + moved) || rows[0];
    let target = id && document.getElementById(id);
    if (row && (name === "up" || name === "down")) {
      target = one('[data-move="' + name + '"]', row);
    } else if (row && name === "more") {
      target = all('select[name$=".fact"]', row).pop();
    } else if (row && name === "add") {
      target = one('input[name$=".title"]', row);
    } else if (row && name === "copy") {
      target = one('input[name$=".title"]', row);
    }
    target = target || row;
    if (target) {
      target.focus();
    }
  }

  async function act(name, id) {
    clearTimeout(timer);
    asked += 1;
    const before = editor();
    const sent = post(form.action, name);
    before.inert = true;
    try {
      const page = new DOMParser().parseFromString(await (await sent).text(), "text/html");
      const fresh = one("[data-table-editor]", page);
      before.replaceWith(document.adoptNode(fresh));
      focusAfter(name, id);
    } catch (error) {
      // What was typed stays; the button may be pressed again.
      before.inert = false;
    }
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.hasAttribute("data-plain") || button.name !== "do") {
      return;
    }
    event.preventDefault();
    act(button.value, document.activeElement && document.activeElement.id);
  });

  form.addEventListener("input", (event) => {
    if (!event.target.closest("[data-table-editor]") || event.target.hasAttribute("data-reshape")) {
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(read, PAUSE_MILLISECONDS);
  });

  form.addEventListener("change", (event) => {
    if (event.target.hasAttribute("data-reshape")) {
      act("check", event.target.id);
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
    const row = /^(?:row-)?((?:rules|limits)\.\d+)/.exec(found.dataset.target);
    if (target) {
      target.focus();
      target.scrollIntoView({ block: "center" });
    } else if (row) {
      act("open:" + row[1], found.dataset.target);
    }
  });
})();
