"use strict";
(() => {
  const filter = document.getElementById("filter");
  const search = document.getElementById("search");
  const choice = document.getElementById("verdict");
  const told = document.getElementById("told");
  const entries = [...document.querySelectorAll("[data-verdict]")].map((node) => ({ node, text: null }));
  const groups = [...document.querySelectorAll("[data-group]")];

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = choice.value;
    let shown = 0;
    for (const entry of entries) {
      const { node } = entry;
      let fits = !wanted || node.dataset.verdict === wanted;
      if (fits && words.length) {
        entry.text ??= node.textContent.toLowerCase();
        fits = words.every((word) => entry.text.includes(word));
      }
      node.hidden = !fits;
      shown += fits && node.id !== ""; // requirements are filtered too, but only cases are counted
    }
    const active = Boolean(wanted || words.length);
    for (const group of groups) {
      const hits = group.querySelector("[data-verdict]:not([hidden])");
      group.hidden = active && !hits;
      if (active && hits) group.querySelectorAll("details.wide").forEach((it) => { it.open = true; });
    }
    told.textContent = active ? `${shown} shown` : "";
  }

  function named() {
    const name = location.hash.slice(1);
    try { return decodeURIComponent(name); } catch { return name; }
  }

  function reveal() {
    let node = document.getElementById(named());
    if (!node) return;
    if (node.closest("[hidden]")) { search.value = ""; choice.value = ""; show(); }
    const target = node;
    for (; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
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

  for (const line of document.querySelectorAll(".curl")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy command";
    button.addEventListener("click", () => copy(button));
    line.append(button);
  }
  filter.hidden = false;
  filter.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", show);
  choice.addEventListener("change", show);
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => document.querySelectorAll("details.folded, details.measure").forEach((it) => { it.open = true; }));
  if (location.hash) reveal();
})();
