// Matrices by keys: m goes to the first, arrows move among the numbers of one.
// Without this script every number is a link that Tab reaches.
(function () {
  "use strict";

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function placesOf(matrix) {
    const places = [];
    Array.from(matrix.tBodies[0].rows).forEach((row, y) => {
      Array.from(row.querySelectorAll("td")).forEach((cell, x) => {
        const link = cell.querySelector("[data-cell]");
        if (link) {
          places.push({ x: x, y: y, link: link });
        }
      });
    });
    return places;
  }

  // The nearest number in that direction; a little aside counts more than far ahead.
  function next(places, from, step) {
    let best = null;
    places.forEach((place) => {
      const x = place.x - from.x;
      const y = place.y - from.y;
      const ahead = x * step[0] + y * step[1];
      const cost = ahead + 3 * (Math.abs(x * step[1]) + Math.abs(y * step[0]));
      if (ahead > 0 && (best === null || cost < best.cost)) {
        best = { cost: cost, link: place.link };
      }
    });
    return best && best.link;
  }

  const all = Array.from(document.querySelectorAll("table[data-matrix]")).map(placesOf).filter((places) => places.length);
  if (!all.length) {
    return;
  }
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select")) {
      return;
    }
    if (event.key === "m") {
      const chosen = all[0].find((place) => place.link.hasAttribute("aria-current"));
      (chosen || all[0][0]).link.focus();
      event.preventDefault();
      return;
    }
    const places = STEPS[event.key] && all.find((each) => each.some((place) => place.link === target));
    if (places) {
      const link = next(places, places.find((place) => place.link === target), STEPS[event.key]);
      if (link) {
        link.focus();
      }
      event.preventDefault();
    }
  });
})();
