/* Theme, and tables that sort, search and turn pages. Pages are whole without it. */
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");

  const kept = (() => {
    try { return window.localStorage; } catch { return null; } // some browsers have none for files
  })();
  const chosen = kept && kept.getItem("theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;

  function themeButton(button) {
    const show = () => {
      button.textContent = isDark() ? "☀" : "☾";
      button.setAttribute("aria-label", isDark() ? "Light theme" : "Dark theme");
      button.title = button.getAttribute("aria-label");
    };
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      if (kept) kept.setItem("theme", root.dataset.theme);
      show();
      document.dispatchEvent(new CustomEvent("themechange"));
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    show();
  }

  const sortValue = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = cell.classList.contains("number") ? Number(text.replaceAll(",", "") || NaN) : NaN;
    return Number.isNaN(number) ? text : number;
  };

  const collator = new Intl.Collator("en", { numeric: true });
  const inOrder = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return collator.compare(a, b);
  };

  function made(tag, attributes, text) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  }

  function enhance(table) {
    const body = table.tBodies[0];
    const rows = [...body.rows].filter((row) => !row.querySelector(".none"));
    const size = Number(table.dataset.pageSize) || 10;
    const tools = table.closest("figure")?.querySelector(".tools");
    let shown = rows;
    let page = 0;
    let status, back, on;

    function draw() {
      const pages = Math.max(1, Math.ceil(shown.length / size));
      page = Math.min(page, pages - 1);
      body.replaceChildren(...(tools ? shown.slice(page * size, (page + 1) * size) : shown));
      if (!tools) return;
      const first = shown.length ? page * size + 1 : 0;
      status.textContent = `${first}–${Math.min((page + 1) * size, shown.length)} of ${shown.length}`;
      back.disabled = page === 0;
      on.disabled = page >= pages - 1;
    }

    function sortBy(column, heading) {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const values = new Map(rows.map((row) => [row, sortValue(row, column)]));
      const compare = (a, b) => inOrder(values.get(a), values.get(b)) * (descending ? -1 : 1);
      rows.sort(compare);
      shown = [...shown].sort(compare);
      page = 0;
      draw();
    }

    function addTools() {
      const caption = table.closest("figure").querySelector("figcaption").textContent;
      const search = made("input", { type: "search", placeholder: "Search", "aria-label": `Search ${caption}` });
      const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
      search.addEventListener("input", () => {
        const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
        shown = rows.filter((row) => words.every((word) => texts.get(row).includes(word)));
        page = 0;
        draw();
      });
      const pager = made("div", { class: "pager" });
      status = made("span", { role: "status" });
      back = made("button", { type: "button", "aria-label": `Previous page of ${caption}` }, "‹");
      on = made("button", { type: "button", "aria-label": `Next page of ${caption}` }, "›");
      back.addEventListener("click", () => { page -= 1; draw(); });
      on.addEventListener("click", () => { page += 1; draw(); });
      pager.append(status, back, on);
      tools.replaceChildren(search, pager);
      tools.removeAttribute("aria-hidden");
    }

    if (rows.length > 1) [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = made("button", { type: "button" }, heading.textContent);
      button.addEventListener("click", () => sortBy(column, heading));
      heading.replaceChildren(button);
    });
    body.addEventListener("pointerover", (event) => { // a text that is cut off is whole under the pointer
      const cell = event.target.closest("td");
      if (cell && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent;
    });
    if (tools) addTools();
    if (rows.length) draw();
    const frame = table.closest(".scroll");
    if (frame && frame.scrollWidth <= frame.clientWidth) frame.removeAttribute("tabindex"); // nothing to scroll to
    table.classList.add("ready");
  }

  /** A button that copies a query; browsers that keep the clipboard from files get none. */
  function addCopy(block) {
    if (!navigator.clipboard) return;
    const button = made("button", { type: "button", class: "copy" }, "Copy");
    button.addEventListener("click", async () => {
      const isCopied = await navigator.clipboard.writeText(block.querySelector("pre").textContent).then(() => true, () => false);
      button.textContent = isCopied ? "Copied" : "Not allowed";
      button.addEventListener("blur", () => { button.textContent = "Copy"; }, { once: true });
    });
    block.append(button);
  }

  /* "/" goes to the first search field, as in many tools. */
  function onKey(event) {
    const typing = event.target.closest("input, textarea, select");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector(".tools input");
    if (!search) return;
    event.preventDefault();
    search.focus();
  }

  window.lakebox = { enhance, isDark }; // for pages that make tables themselves
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("button.theme").forEach(themeButton);
    document.querySelectorAll("table.data").forEach(enhance);
    document.addEventListener("keydown", onKey);
    document.querySelectorAll(".sql").forEach(addCopy);
  });
})();
