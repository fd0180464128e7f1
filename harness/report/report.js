"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return; // the index of several runs has none
  const told = document.getElementById("told");
  const search = form.elements.search;
  const choices = [...form.querySelectorAll("select")];
  const entries = [...document.querySelectorAll("[data-verdict]")].map((node) => ({ node, text: null }));
  const groups = [...document.querySelectorAll("[data-group]")];
  const chunks = [...document.querySelectorAll("[data-chunk]")];
  const counted = (node) => node.id !== "" && !("requirement" in node.dataset); // cases, and nothing else

  function text(entry) {
    entry.text ??= entry.node.textContent.toLowerCase();
    return entry.text;
  }

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = choices.filter((it) => it.value).map((it) => [it.name, it.value]);
    let shown = 0;
    for (const entry of entries) {
      const { node } = entry;
      const fits = wanted.every(([name, value]) => (node.dataset[name] ?? "").split(" ").includes(value))
        && words.every((word) => text(entry).includes(word));
      if (node.hidden === fits) node.hidden = !fits;
      shown += fits && counted(node);
    }
    const active = wanted.length + words.length > 0;
    for (const group of groups) {
      const hits = group.querySelector("[data-verdict]:not([hidden])");
      group.hidden = active && !hits;
      if (active && hits) group.querySelectorAll("details.wide").forEach((it) => { it.open = true; });
    }
    for (const chunk of chunks) { // what is not drawn yet takes about as much room as it will
      chunk.style.containIntrinsicBlockSize = `${chunk.querySelectorAll("li:not([hidden])").length * 3.5}rem`;
    }
    told.textContent = active ? `${shown} shown` : "";
  }

  let asked = 0;
  function changed() {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => { remember(); show(); });
  }

  // A view can be sent to somebody: what is chosen stands in the address, behind "#?".
  function remember() {
    const chosen = new URLSearchParams(new FormData(form));
    for (const [name, value] of [...chosen]) if (!value) chosen.delete(name);
    history.replaceState(null, "", chosen.size ? `#?${chosen}` : "#");
  }

  function recall(chosen) {
    for (const field of [search, ...choices]) field.value = chosen.get(field.name) ?? "";
    for (const field of choices) if (field.selectedIndex < 0) field.value = "";
    show();
  }

  function named() {
    const name = location.hash.slice(1);
    try { return decodeURIComponent(name); } catch { return name; }
  }

  function reveal() {
    if (location.hash.startsWith("#?")) return recall(new URLSearchParams(location.hash.slice(2)));
    const target = document.getElementById(named());
    if (!target) return;
    if (target.closest("[hidden]")) recall(new URLSearchParams());
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  }

  async function copy(button) {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy command"; }, 2000);
  }

  for (const line of document.querySelectorAll(".curl:not(.cut)")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy command";
    button.addEventListener("click", () => copy(button));
    line.append(button);
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", changed);
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details.folded, details.measure").forEach((it) => { it.open = true; });
  });
  if (location.hash) {
    history.scrollRestoration = "manual"; // a reload shows what is named, and not where that was before
    reveal();
  }
})();
