/* A fact is chosen by typing: the list of facts with type and source under the input.
   Without script it is a plain list of choices, which stays the field of the form. */
(function () {
  "use strict";

  const one = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const MOST_SHOWN = 12;

  function knownFacts() {
    return all("#facts-list tbody tr[data-fact]").map((row) => ({
      name: row.dataset.fact,
      words: row.dataset.words,
      type: row.dataset.type,
      source: row.dataset.source,
      meaning: row.dataset.meaning,
    }));
  }

  function element(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) {
      made.className = className;
    }
    return made;
  }

  function ranked(facts, typed) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) {
      return facts;
    }
    const score = (fact) => {
      const text = (fact.words + " " + fact.meaning + " " + fact.source).toLowerCase();
      const hits = words.filter((word) => text.includes(word)).length;
      return hits === 0 ? 0 : hits + (fact.words.startsWith(words[0]) ? 2 : 0) + (fact.words.includes(typed.toLowerCase()) ? 1 : 0);
    };
    return facts
      .map((fact) => [score(fact), fact])
      .filter(([points]) => points > 0)
      .sort((a, b) => b[0] - a[0])
      .map(([, fact]) => fact);
  }

  function enhance(select, facts) {
    const input = document.createElement("input");
    const list = document.createElement("ul");
    const id = select.id;
    let active = -1;
    let offered = [];

    select.removeAttribute("id");
    select.hidden = true;
    select.dataset.shownAs = id;
    input.id = id;
    input.className = select.className.replace("select", "input");
    input.type = "text";
    input.autocomplete = "off";
    input.spellcheck = false;
    input.value = select.selectedIndex > 0 ? select.selectedOptions[0].textContent.trim() : "";
    input.placeholder = select.options[0].textContent.trim();
    input.dataset.quiet = "";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-label", select.getAttribute("aria-label"));
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", id + "-list");
    ["aria-invalid", "aria-describedby"].forEach((name) => {
      if (select.hasAttribute(name)) {
        input.setAttribute(name, select.getAttribute(name));
      }
    });
    list.id = id + "-list";
    list.className = "pop facts-pop";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", select.getAttribute("aria-label"));
    const box = element("div", "", "fact-box");
    select.before(box);
    box.append(input, list, select);

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function point(at) {
      active = at;
      all("[role=option]", list).forEach((option, index) => {
        option.setAttribute("aria-selected", String(index === at));
        if (index === at) {
          input.setAttribute("aria-activedescendant", option.id);
          option.scrollIntoView({ block: "nearest" });
        }
      });
    }

    function open(typed) {
      offered = ranked(facts, typed).slice(0, typed ? MOST_SHOWN : facts.length);
      list.replaceChildren(
        ...offered.map((fact, index) => {
          const option = document.createElement("li");
          option.id = id + "-" + index;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.dataset.index = String(index);
          option.title = fact.meaning;
          option.append(element("b", fact.words), element("span", fact.type, "muted"), element("span", fact.source, "muted"));
          return option;
        }),
      );
      list.hidden = offered.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      active = -1;
    }

    function choose(name, words) {
      close();
      input.value = words;
      if (select.value === name) {
        return;
      }
      if (!Array.from(select.options).some((option) => option.value === name)) {
        select.append(new Option(words, name));
      }
      select.value = name;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function leave() {
      const typed = input.value.trim();
      const exact = facts.find((fact) => fact.words.toLowerCase() === typed.toLowerCase() || fact.name === typed);
      // What is no fact is kept as it was typed; the server names it.
      choose(exact ? exact.name : typed, exact ? exact.words : typed);
    }

    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => open(""));
    input.addEventListener("input", () => open(input.value.trim()));
    input.addEventListener("blur", () => {
      if (!list.matches(":hover")) {
        leave();
      }
    });
    input.addEventListener("keydown", (event) => {
      if (event.altKey) {
        return;
      }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) {
          open("");
        }
        const step = event.key === "ArrowDown" ? 1 : -1;
        point((active + step + offered.length) % Math.max(1, offered.length));
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (active >= 0) {
          choose(offered[active].name, offered[active].words);
        } else {
          leave();
        }
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
      }
    });
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) {
        event.preventDefault();
        const fact = offered[Number(option.dataset.index)];
        choose(fact.name, fact.words);
      }
    });
  }

  function enhanceAll() {
    const facts = knownFacts();
    all("select[data-facts]").forEach((select) => enhance(select, facts));
  }

  const form = one("form[data-table-form]");
  if (form) {
    enhanceAll();
    form.addEventListener("table:drawn", enhanceAll);
  }
})();
