// The matrix of a rehearsal by keys: m goes to it, arrows move among its numbers.
// Without this script every number is a link that Tab reaches.
(function () {
  "use strict";

  const matrix = document.querySelector("[data-matrix] table.mx");
  if (!matrix) {
    return;
  }
  const places = [];
  Array.from(matrix.tBodies[0].rows).forEach((row, y) => {
    Array.from(row.querySelectorAll("td")).forEach((cell, x) => {
      const link = cell.querySelector("[data-cell]");
      if (link) {
        places.push({ x: x, y: y, link: link });
      }
    });
  });
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  // The nearest number in that direction; a little aside counts more than far ahead.
  function next(from, step) {
    let best = null;
    places.forEach((place) => {
      const ahead = (place.x - from.x) * step[0] + (place.y - from.y) * step[1];
      const aside = Math.abs((place.x - from.x) * step[1]) + Math.abs((place.y - from.y) * step[0]);
      const cost = ahead + 3 * aside;
      if (ahead > 0 && (best === null || cost < best.cost)) {
        best = { cost: cost, link: place.link };
      }
    });
    return best && best.link;
  }

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select")) {
      return;
    }
    const here = places.find((place) => place.link === target);
    if (event.key === "m" && places.length) {
      const chosen = places.find((place) => place.link.hasAttribute("aria-current"));
      (chosen || places[0]).link.focus();
      event.preventDefault();
    } else if (here && STEPS[event.key]) {
      const link = next(here, STEPS[event.key]);
      if (link) {
        link.focus();
      }
      event.preventDefault();
    }
  });
})();
