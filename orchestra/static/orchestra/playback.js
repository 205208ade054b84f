// Keys of a case's playback that are no letters: Space plays and stops, Home and End jump.
//
// data-playback with data-next, data-first, data-last says where they lead. While it plays, the
// page goes on to the next entry by itself; any other key, or a click, stops it.
(function () {
  "use strict";

  const SECONDS_AN_ENTRY = 1.2;
  const KEPT = "orc.playback";
  const line = document.querySelector("[data-playback]");
  if (!line) {
    return;
  }

  let timer = 0;

  function stop() {
    clearTimeout(timer);
    timer = 0;
    sessionStorage.removeItem(KEPT);
  }

  function play() {
    if (!line.dataset.next) {
      stop();
      return;
    }
    sessionStorage.setItem(KEPT, location.pathname);
    timer = setTimeout(() => location.assign(line.dataset.next), SECONDS_AN_ENTRY * 1000);
  }

  function go(link) {
    if (link) {
      location.assign(link);
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    if (event.target.closest("input, textarea, select, button, summary, dialog")) {
      return;
    }
    const playing = timer !== 0;
    stop();
    if (event.key === " ") {
      event.preventDefault();
      if (!playing) {
        play();
      }
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      go(event.key === "Home" ? line.dataset.first : line.dataset.last);
    }
  });
  document.addEventListener("click", stop);

  if (sessionStorage.getItem(KEPT) === location.pathname) {
    play();
  }
})();
