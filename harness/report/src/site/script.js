"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Search and filter over the ledger.
  const find = document.getElementById("find");
  if (find) {
    find.hidden = false;
    const said = find.querySelector("output");
    const apply = () => {
      const words = find.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = new Set(all("input[name=verdict]:checked", find).map((box) => box.value));
      let shown = 0;
      for (const entry of all(".entry")) {
        const text = entry.dataset.find;
        entry.hidden = !(wanted.has(entry.dataset.verdict) && words.every((word) => text.includes(word)));
        shown += entry.hidden ? 0 : 1;
      }
      for (const group of all(".group")) group.hidden = all(".entry", group).every((entry) => entry.hidden);
      said.textContent = shown + " of " + all(".entry").length + " claims shown";
    };
    find.addEventListener("input", apply);
    find.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  // Values of a chart on hover, and by the arrow keys.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);
  const show = (spot) => {
    tip.textContent = spot.dataset.said;
    tip.hidden = false;
    const at = spot.getBoundingClientRect();
    const widest = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = Math.max(8, Math.min(widest, at.left + at.width / 2 - tip.offsetWidth / 2)) + scrollX + "px";
    tip.style.top = Math.max(scrollY + 4, at.top + scrollY - tip.offsetHeight - 4) + "px";
  };
  const hide = () => { tip.hidden = true; };
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  for (const figure of all("figure")) {
    const drawing = figure.querySelector("svg");
    const spots = all(".spots circle", figure);
    for (const spot of spots) {
      const title = spot.querySelector("title");
      spot.dataset.said = title.textContent;
      title.remove();
      spot.addEventListener("pointerenter", () => show(spot));
      spot.addEventListener("pointerleave", hide);
    }
    if (spots.length) {
      let at = -1;
      drawing.setAttribute("tabindex", "0");
      drawing.addEventListener("blur", hide);
      drawing.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const seen = spots.filter((spot) => spot.getClientRects().length);
        if (!seen.length) return;
        at = (at + step + seen.length) % seen.length;
        show(seen[at]);
      });
    }
    // Series that can be switched off.
    const keys = figure.querySelector(".keys");
    if (keys) keys.hidden = false;
    for (const key of all(".keys button", figure)) {
      key.addEventListener("click", () => {
        const off = drawing.classList.toggle("off-" + key.dataset.key);
        key.setAttribute("aria-pressed", String(!off));
      });
    }
  }
})();
