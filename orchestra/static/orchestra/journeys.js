// The journeys' plan by keyboard: the arrows go from cue to cue, Enter opens the cases at it.
// The cues are links that stand in their order, data-cue, in the drawing and in the list.
(function () {
  "use strict";

  const cues = () =>
    Array.from(document.querySelectorAll("[data-cue]")).filter(
      (cue) => cue.getClientRects().length > 0,
    );
  if (!document.querySelector("[data-cue]")) {
    return;
  }
  document.addEventListener("keydown", (event) => {
    const typed = event.target.closest("input, textarea, select, [contenteditable], dialog");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || typed || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const shown = cues();
    const at = shown.indexOf(document.activeElement.closest("[data-cue]"));
    const next = at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step;
    if (shown[next]) {
      event.preventDefault();
      shown[next].focus();
    }
  });
})();
