// A button beside words that are to be copied. Without this script they are marked and copied by hand.

const said = document.createElement("p");
said.className = "unseen";
said.setAttribute("aria-live", "polite");

function mark(words) {
  const range = document.createRange();
  range.selectNodeContents(words);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

// Returns whether the words were copied; where the browser does not let pages do that, they are marked for the reader.
async function copy(words) {
  try {
    await navigator.clipboard.writeText(words.textContent);
    return true;
  } catch {
    mark(words);
    return false;
  }
}

for (const block of document.querySelectorAll(".to-copy")) {
  if (!said.isConnected) document.getElementById("main").append(said);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  const of = document.createElement("span");
  of.className = "unseen";
  of.append(`: ${block.dataset.name}`);
  button.append("Copy", of);
  button.addEventListener("click", async () => {
    const copied = await copy(block.querySelector(".words"));
    button.firstChild.data = copied ? "Copied" : "Marked";
    said.textContent = `${block.dataset.name}: ${copied ? "copied" : "marked, press Control and C to copy"}`;
  });
  block.append(button);
}
