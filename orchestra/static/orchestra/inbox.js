// The approvals inbox while it is open: it asks again, keeps rows where they are, and tells
// when it could not ask. Without this file the page works by reloading.
//
//   data-part="URL"         a place of any page that is filled once the page is there
//   data-inbox="URL"        the list, and where its rows are asked for again
//   data-since, data-created  seconds: when the list was made, when each request was
//   data-goes-on            that further pages follow, so that an unknown row need not be new
//   data-more               the link to the next page, whose rows are added below
//   data-pick               the box that selects a row for deciding several together
(function () {
  "use strict";

  const EVERY_SECONDS = 15;
  // While the stream says what is new, only times in words need asking for.
  const STREAMED_SECONDS = 60;
  const MOST_SECONDS = 120;
  const CURSOR = "orchestra-inbox-cursor";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);
  const clock = () => new Date().toLocaleTimeString("en-GB", { timeZone: document.body.dataset.zone || "UTC" });

  // What is slow to know comes once the page is there.
  all("[data-part]").forEach(async (place) => {
    try {
      const answer = await fetch(place.dataset.part, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        place.replaceChildren(...Array.from(page.body.children).map((part) => document.adoptNode(part)));
      }
    } catch (error) {
      // The page says all else without it.
    }
  });

  const list = one("[data-inbox]");
  if (!list) {
    return;
  }

  /* ---- the cursor is where it was when the person comes back ---- */

  function rowOf(key) {
    return one('[data-row="' + CSS.escape(key) + '"]', list);
  }

  function keepCursor() {
    const row = one("[data-row].is-cursor", list);
    const rows = all("[data-row]", list);
    if (row) {
      sessionStorage.setItem(CURSOR, JSON.stringify([row.dataset.row, rows.indexOf(row)]));
    }
  }

  function restoreCursor() {
    const rows = all("[data-row]", list);
    const kept = JSON.parse(sessionStorage.getItem(CURSOR) || "[]");
    const row = kept.length && (rowOf(kept[0]) || rows[Math.min(kept[1], rows.length - 1)]);
    if (row) {
      row.classList.add("is-cursor");
      row.scrollIntoView({ block: "nearest" });
    }
  }

  /* ---- rows ---- */

  function replaceRow(old, row) {
    const box = one("[data-pick]", old);
    const picked = box && box.checked;
    const on = old.classList.contains("is-cursor");
    old.className = row.className;
    old.classList.toggle("is-cursor", on);
    old.innerHTML = row.innerHTML;
    const fresh = one("[data-pick]", old);
    if (fresh && picked) {
      fresh.checked = true;
    }
  }

  function isNew(row) {
    return !("goesOn" in list.dataset) || Number(row.dataset.created) >= Number(list.dataset.since);
  }

  function update(page) {
    let count = 0;
    all("[data-row]", page).forEach((row) => {
      const old = rowOf(row.dataset.row);
      if (!old) {
        count += isNew(row) ? 1 : 0;
      } else if (!old.contains(document.activeElement)) {
        replaceRow(old, row);
      }
    });
    all("[data-fresh]", page).forEach((part) => {
      all('[data-fresh="' + CSS.escape(part.dataset.fresh) + '"]').forEach((old) => {
        old.textContent = part.textContent;
      });
    });
    showPicked();
    return count;
  }

  function showNew(count) {
    const bar = one("[data-newbar]", list);
    if (!bar) {
      return;
    }
    bar.hidden = !count;
    one("[data-new-one]", bar).hidden = count !== 1;
    one("[data-new-many]", bar).hidden = count < 2;
    one("[data-new-count]", bar).textContent = String(count);
  }

  /* ---- asking again ---- */

  const late = one("[data-late]");
  let answered = one("[data-updated]", list) ? one("[data-updated]", list).textContent : clock();
  let broke = "";
  let streamed = false;
  let cut = "";
  let tag = "";
  let wait = EVERY_SECONDS;
  let timer = 0;

  async function fetchPage(url, headers) {
    const answer = await fetch(url, { headers, credentials: "same-origin", cache: "no-store" });
    if (answer.status === 304) {
      return null;
    }
    if (!answer.ok || answer.redirected) {
      throw new Error("no answer");
    }
    tag = answer.headers.get("ETag") || "";
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  async function ask() {
    const url = new URL(list.dataset.inbox, location.href);
    url.searchParams.set("known", all("[data-row]", list).map((row) => row.dataset.row).join(","));
    const headers = { "X-Requested-With": "fetch" };
    if (tag) {
      headers["If-None-Match"] = tag;
    }
    try {
      const page = await fetchPage(url, headers);
      if (page) {
        showNew(update(page));
      }
      answered = clock();
      broke = "";
      wait = streamed ? STREAMED_SECONDS : EVERY_SECONDS;
      showLate();
      all("[data-updated]", list).forEach((element) => (element.textContent = answered));
    } catch (error) {
      wait = broke ? Math.min(MOST_SECONDS, wait * 2) : EVERY_SECONDS;
      broke = broke || clock();
      showLate();
    }
    plan(wait);
  }

  // Shown while answers fail, and while a stream that was there is gone.
  function showLate() {
    one("[data-broke]", late).textContent = cut || broke;
    one("[data-answered]", late).textContent = answered;
    one("[data-every]", late).textContent = String(wait);
    late.hidden = !(cut || broke);
  }

  document.addEventListener("orchestra:live", (event) => {
    const told = event.detail;
    if (told.state === "open") {
      streamed = true;
      cut = "";
      // What came between this page and the stream.
      plan(0);
    } else if (told.state === "broken" && !document.hidden) {
      streamed = false;
      cut = cut || clock();
      wait = EVERY_SECONDS;
      showLate();
      plan(0);
    } else if (told.state === "none") {
      streamed = false;
      plan(Math.min(wait, EVERY_SECONDS));
    } else if (told.state === "news" && told.about("approval.")) {
      plan(0.2);
    }
  });

  function plan(seconds) {
    clearTimeout(timer);
    if (!document.hidden) {
      timer = setTimeout(ask, seconds * 1000);
    }
  }

  document.addEventListener("visibilitychange", () => plan(document.hidden ? 0 : 0.2));
  window.addEventListener("online", () => plan(0.2));

  /* ---- further pages, and selecting ---- */

  async function addMore(link) {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      location.assign(link.href);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const body = one("tbody", list);
    all("[data-inbox] [data-row]", page).forEach((row) => {
      if (!rowOf(row.dataset.row)) {
        body.append(document.adoptNode(row));
      }
    });
    const next = one("[data-more]", page);
    if (next) {
      link.href = next.href;
    } else {
      link.remove();
      delete list.dataset.goesOn;
    }
    const shown = one("[data-shown]", list);
    if (shown) {
      shown.textContent = String(all("[data-row]", list).length);
    }
    tag = "";
  }

  function showPicked() {
    const bar = one("[data-batch]");
    if (!bar) {
      return;
    }
    const picked = all("[data-pick]:checked", list);
    bar.hidden = !picked.length;
    one("[data-picked]", bar).textContent = String(picked.length);
    all("[data-row]", list).forEach((row) => {
      row.classList.toggle("is-picked", picked.some((box) => row.contains(box)));
    });
  }

  list.addEventListener("click", (event) => {
    const more = event.target.closest("[data-more]");
    if (more && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      addMore(more);
    }
  });
  list.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) {
      // The keys of the list go on working.
      event.target.blur();
      showPicked();
    }
  });

  window.addEventListener("pagehide", keepCursor);
  // Nothing is selected before a person selects it, not even by a browser that remembers.
  all("[data-pick]", list).forEach((box) => (box.checked = false));
  restoreCursor();
  showPicked();
  plan(EVERY_SECONDS);
})();
