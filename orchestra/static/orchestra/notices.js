// The bell: asks how much is new, when a page opens and every half minute while it is looked at.
// Without it the bell is a link to the page that says the same.
(function () {
  "use strict";

  const SECONDS = 30;
  const bell = document.querySelector("[data-bell]");
  if (!bell) {
    return;
  }
  const badge = bell.querySelector("[data-bell-count]");
  const said = document.querySelector("[data-bell-said]");
  const main = document.querySelector("#main");
  let known = null;

  function show(count, words) {
    badge.textContent = count > 99 ? "99+" : String(count);
    badge.hidden = count === 0;
    bell.title = words;
    // What was there when the page opened is no news; only more of it is.
    if (known !== null && count > known && said) {
      said.textContent = words;
    }
    known = count;
  }

  function showBanner(page) {
    const banner = page.querySelector("[data-mail-fails]");
    const present = document.querySelector("[data-mail-fails]");
    if (banner && !present && main) {
      main.prepend(banner);
    } else if (!banner && present) {
      present.remove();
    }
  }

  async function ask() {
    if (document.visibilityState === "visible") {
      try {
        const headers = { "X-Requested-With": "fetch" };
        const answer = await fetch(bell.dataset.bell, { headers, credentials: "same-origin" });
        if (answer.ok && !answer.redirected) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const told = page.querySelector("[data-bell-answer]");
          if (told) {
            show(Number(told.dataset.bellAnswer), told.textContent);
            showBanner(page);
          }
        }
      } catch (error) {
        // The next question may be answered.
      }
    }
    setTimeout(ask, SECONDS * 1000);
  }

  ask();
})();
