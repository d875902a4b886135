// Suggestions while typing, in every input with data-suggest (the address they come from): the combobox of the ARIA
// authoring practices, with a list of which one is active. Without this script the inputs are what they were.

const MOST_KEPT = 50;
const WAIT = 80; // milliseconds after a key

const element = (name, attributes, text = "") => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};

const attach = (input) => {
  const id = `${input.id}-suggestions`;
  const label = input.labels[0]?.textContent ?? "Search";
  const list = element("ul", { id, role: "listbox", class: "suggestions", "aria-label": `Suggestions: ${label}`, hidden: "" });
  const said = element("p", { class: "unseen", role: "status" });
  const around = element("span", { class: "suggesting" });
  input.replaceWith(around);
  around.append(input, list, said);
  const roles = { role: "combobox", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false", autocomplete: "off" };
  for (const [key, value] of Object.entries(roles)) input.setAttribute(key, value);

  const kept = new Map();
  let active = -1, typed = input.value, timer = 0, asked = null;

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (text) => {
    close();
    said.textContent = "";
    input.value = typed = text;
    input.form.requestSubmit();
  };

  const show = ([, texts, remarks]) => {
    list.replaceChildren(...texts.map((text, place) => {
      const option = element("li", { id: `${id}-${place}`, role: "option", "aria-selected": "false" });
      option.append(element("span", { class: "text" }, text), " ", element("span", { class: "note" }, remarks[place]));
      option.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
      option.addEventListener("click", () => choose(text));
      option.dataset.text = text;
      return option;
    }));
    active = -1;
    list.hidden = !texts.length;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = texts.length ? `${texts.length} suggestion${texts.length > 1 ? "s" : ""}, with the arrow keys.` : "No suggestions.";
  };

  const ask = async (text) => {
    asked?.abort();
    asked = new AbortController();
    try {
      if (!kept.has(text)) {
        const address = new URL(input.dataset.suggest, location.href);
        address.searchParams.set("q", text);
        const answer = await fetch(address, { signal: asked.signal });
        if (!answer.ok) return;
        if (kept.size >= MOST_KEPT) kept.clear();
        kept.set(text, await answer.json());
      }
      if (input.value === text && document.activeElement === input) show(kept.get(text));
    } catch { /* without an answer there are no suggestions */ }
  };

  const activate = (place) => {
    const options = list.children;
    options[active]?.setAttribute("aria-selected", "false");
    active = place < -1 ? options.length - 1 : place >= options.length ? -1 : place;
    const option = options[active];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    input.value = option ? option.dataset.text : typed;
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };

  input.addEventListener("input", () => {
    typed = input.value;
    clearTimeout(timer);
    if (typed.trim().length < 2) close();
    else timer = setTimeout(ask, WAIT, typed);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        if (typed.trim().length > 1) ask(input.value);
      } else activate(active + (event.key === "ArrowDown" ? 1 : -1));
      event.preventDefault();
    } else if (event.key === "Escape" && !list.hidden) {
      input.value = typed;
      close();
      event.preventDefault();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(list.children[active].dataset.text);
    }
  });
  input.addEventListener("blur", close);
};

document.querySelectorAll("input[data-suggest]").forEach(attach);
