// Access reviews: the cursor is brought into view, and one key leads to the next conflict.
// Without this the link shows the conflicts alone.
(function () {
  "use strict";

  const rows = () =>
    Array.from(document.querySelectorAll("[data-rows] [data-row]")).filter((row) => row.offsetParent !== null);

  const standing = document.querySelector(".review-lines .is-cursor");
  if (standing) {
    standing.scrollIntoView({ block: "center" });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-next-conflict]");
    if (!link) {
      return;
    }
    const all = rows();
    const at = all.findIndex((row) => row.classList.contains("is-cursor"));
    const next = all.find((row, index) => index > at && row.hasAttribute("data-conflict"));
    if (!next) {
      return;
    }
    event.preventDefault();
    all.forEach((row) => row.classList.toggle("is-cursor", row === next));
    next.scrollIntoView({ block: "center" });
  });
})();
