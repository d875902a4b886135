// Walking in the network without loading the page anew: a link to a neighbor fetches what is around it and puts it in
// the place of what was shown. Without this script the same links load the page.

const section = document.querySelector("[data-network]");

const here = section?.dataset.here;
const address = (name) => `${here}?around=${encodeURIComponent(name)}#network`;
const shown = () => section.querySelector("[data-view]");

async function walk(name, remembered) {
  section.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${section.dataset.network}?around=${encodeURIComponent(name)}`, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const view = page.querySelector("[data-view]");
    for (const link of view.querySelectorAll("[data-around]")) link.setAttribute("href", address(link.dataset.around));
    shown().replaceWith(document.adoptNode(view));
    if (remembered) history.pushState({ around: name }, "", address(name));
    returnable(name);
    const count = view.querySelectorAll("tbody tr").length;
    section.querySelector("[data-said]").textContent = `Now around ${view.dataset.label}: ${count} neighbors shown.`;
    return true;
  } catch {
    location.assign(address(name));
    return false;
  } finally {
    section.removeAttribute("aria-busy");
  }
}

// On the page of a treatment or guideline a link leads back to it.
function returnable(name) {
  const home = section.dataset.home;
  if (!home || name === home) return;
  const link = document.createElement("a");
  link.href = address(home);
  link.dataset.around = home;
  link.textContent = "Back to where you came from";
  shown().querySelector(".note").append(" ", link);
}

if (section) {
  const first = shown().dataset.name;
  section.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-around]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (await walk(link.dataset.around, true)) section.querySelector("h3").focus({ preventScroll: true });
  });
  window.addEventListener("popstate", () => {
    const name = new URLSearchParams(location.search).get("around") ?? section.dataset.home ?? first;
    if (name !== shown().dataset.name) walk(name, false);
  });
}
