// Sets light or dark before the page is drawn. The choice is stored under the theme's own key.
(function () {
  "use strict";
  function stored() {
    try {
      return JSON.parse(localStorage.getItem("adminTheme") || '"auto"');
    } catch (error) {
      return "auto";
    }
  }
  function apply(choice) {
    const dark = choice === "dark" || (choice === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.classList.toggle("dark", dark);
  }
  apply(stored());
  window.orcTheme = {
    get: stored,
    set: function (choice) {
      localStorage.setItem("adminTheme", JSON.stringify(choice));
      apply(choice);
    },
  };
})();
