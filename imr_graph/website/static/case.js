// A fact that is pointed at, or that has the focus, lights up its words in the letter, and words light up their facts.
// Without this script each fact still links to its words (#at-START-END), and the target is shown.

const letter = document.getElementById("letter");
const wide = matchMedia("(min-width: 64rem)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

// Elements by the place in the letter that they show (its pieces) or that they were read from (facts).
const pieces = new Map();
const facts = new Map();
const put = (map, key, element) => map.set(key, [...(map.get(key) ?? []), element]);

for (const element of letter.querySelectorAll("[id^='at-'], [data-of]")) {
  put(pieces, element.dataset.of ?? element.id.slice(3), element);
}
for (const element of document.querySelectorAll(".fact[data-at]")) put(facts, element.dataset.at, element);

let lit = [];

function light(place) {
  for (const element of lit) element.classList.remove("lit");
  lit = place ? [...(pieces.get(place) ?? []), ...(facts.get(place) ?? [])] : [];
  for (const element of lit) element.classList.add("lit");
}

// The letter moves by itself; the page stays where it is.
function show(place) {
  const first = pieces.get(place)?.[0];
  if (!first || !wide.matches) return;
  const box = letter.getBoundingClientRect();
  const words = first.getBoundingClientRect();
  if (words.top >= box.top && words.bottom <= box.bottom) return;
  const top = letter.scrollTop + words.top - box.top - Math.max(0, (box.height - words.height) / 3);
  letter.scrollTo({ top, behavior: calm.matches ? "auto" : "smooth" });
}

// A pointer that crosses the page on its way must not make the letter jump.
let waiting = 0;

function lead(event) {
  const fact = event.target.closest(".fact[data-at]");
  clearTimeout(waiting);
  if (!fact) return;
  const place = fact.dataset.at;
  light(place);
  if (event.type === "focusin") show(place);
  else waiting = setTimeout(() => show(place), 120);
}

function leave(event) {
  if (event.target.closest(".fact[data-at]")) {
    clearTimeout(waiting);
    light(null);
  }
}

const listed = document.getElementById("facts");
listed.addEventListener("mouseover", lead);
listed.addEventListener("focusin", lead);
listed.addEventListener("mouseout", leave);
listed.addEventListener("focusout", leave);

letter.addEventListener("mouseover", (event) => {
  const piece = event.target.closest("mark");
  light(piece ? (piece.dataset.of ?? piece.id.slice(3)) : null);
});
letter.addEventListener("mouseleave", () => light(null));

// Following the link: on a wide page the letter beside it moves and nothing else does; on a narrow one the page goes to
// the words, as without a script.
listed.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#at-']");
  if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const place = link.hash.slice(4);
  history.replaceState(null, "", link.hash);
  show(place);
  for (const element of letter.querySelectorAll(".chosen")) element.classList.remove("chosen");
  for (const element of pieces.get(place) ?? []) element.classList.add("chosen");
});

// On narrow screens long texts are folded, so that the letter is not far away; on paper and wide ones all are open.
const folds = document.querySelectorAll("[data-fold]");
const open = (whether) => folds.forEach((fold) => (fold.open = whether));
open(wide.matches);
wide.addEventListener("change", () => open(wide.matches));
addEventListener("beforeprint", () => open(true));
addEventListener("afterprint", () => open(wide.matches));
