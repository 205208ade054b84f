// The stream that tells an open page that something newer concerns its reader. It carries ids and
// kinds; the page asks for the rest as it would without. It is held only while the page is looked
// at, since a browser has few connections to one server.
//
//   data-inbox          the inbox: asks again when told (inbox.js)
//   data-live-bar       a line that appears when there is something new
//   data-live-of        beginnings of the kinds that count, apart by spaces; empty for all
//   data-live-case      the one case that counts
//   data-live-broke     said while a stream that was there is gone
//   data-live-full      said while the person holds as many streams as one may
//
// Event "orchestra:live" on the document: {state: open | news | broken | none, about(beginning)}.
(function () {
  "use strict";

  const PATIENCE_SECONDS = 8;
  const AGAIN_SECONDS = 30;
  const bar = document.querySelector("[data-live-bar]");
  const lost = document.querySelector("[data-live-broke]");
  const full = document.querySelector("[data-live-full]");
  if (!window.EventSource || !(bar || document.querySelector("[data-inbox]"))) {
    return;
  }
  const clock = () => new Date().toLocaleTimeString("en-GB", { timeZone: document.body.dataset.zone || "UTC" });
  let source = null;
  let place = "";
  let was = false;
  let broken = 0;
  let again = 0;

  function tell(state, cases, cut) {
    const about = (beginning) => cut || Object.values(cases).some((kinds) => kinds.some((kind) => kind.startsWith(beginning)));
    document.dispatchEvent(new CustomEvent("orchestra:live", { detail: { state, about } }));
  }

  function counts(told) {
    const id = bar.dataset.liveCase;
    const kinds = id ? told.cases[id] || [] : Object.values(told.cases).flat();
    const of = bar.dataset.liveOf.split(" ").filter(Boolean);
    return told.cut || kinds.some((kind) => !of.length || of.some((beginning) => kind.startsWith(beginning)));
  }

  function showBar() {
    if (bar.hidden) {
      bar.querySelector("[data-live-at]").textContent = clock();
      bar.hidden = false;
    }
  }

  function showBroken(is) {
    if (lost && is !== !lost.hidden) {
      lost.querySelector("[data-live-at]").textContent = clock();
      lost.hidden = !is;
    }
  }

  function showFull(is) {
    if (full) {
      full.hidden = !is;
    }
  }

  function opened(event) {
    place = event.lastEventId || place;
    clearTimeout(broken);
    broken = 0;
    if (!was) {
      was = true;
      tell("open", {}, false);
    }
    showBroken(false);
    showFull(false);
  }

  function news(event) {
    const told = JSON.parse(event.data);
    place = event.lastEventId;
    if (bar && counts(told)) {
      showBar();
    }
    tell("news", told.cases, told.cut);
  }

  function close() {
    clearTimeout(broken);
    clearTimeout(again);
    broken = 0;
    if (source) {
      source.close();
      source = null;
    }
  }

  function lose() {
    close();
    if (was) {
      was = false;
      showBroken(true);
      tell("broken", {}, false);
    } else {
      tell("none", {}, false);
    }
    again = setTimeout(open, AGAIN_SECONDS * 1000);
  }

  function open() {
    close();
    source = new EventSource(document.body.dataset.live + (place ? "?after=" + place : ""));
    source.addEventListener("place", opened);
    source.addEventListener("news", news);
    // Other pages of the same person are told; this one asks, and tries again later.
    source.addEventListener("full", () => {
      was = false;
      lose();
      showBroken(false);
      showFull(true);
    });
    // Signed out, or no longer let in: nothing more comes of asking.
    source.addEventListener("over", () => {
      lose();
      clearTimeout(again);
    });
    source.addEventListener("error", () => {
      if (source && source.readyState === EventSource.CLOSED) {
        lose();
      } else if (!broken) {
        // A stream ends by itself now and then, and the browser comes back.
        broken = setTimeout(lose, PATIENCE_SECONDS * 1000);
      }
    });
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  open();
})();
