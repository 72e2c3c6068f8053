// The dashboard: moves the bars of the page's charts, and fills its tables, by the date, users and page that are chosen.
// The charts are SVGs that were drawn when the site was made; a bar keeps its place, and gets another length.
"use strict";
(() => {
  const source = document.getElementById("dashboard-data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const [PLACES, ROWS, LONGEST_NAME] = [12, 25, 20];
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = one(".filters");
  const chosen = { snapshot: 0, search: "", bin: null, order: "both", sort: "last", isDown: true, bars: 0, users: 0 };

  const snapshot = () => data.snapshots[chosen.snapshot];
  const number = (value) => value.toLocaleString("en-US");
  const time = (ms) => new Date(ms).toISOString().replace("T", " ").slice(0, 23);
  const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const pixels = (length) => Math.round(length * 1000) / 1000;
  const binOf = (days) => Math.min(Math.floor(days / data.width), data.labels.length - 1);
  const value = (rows, key, at) =>
    key === "both" ? rows.clicks[at] + rows.purchases[at] : key === "type" ? data.types[rows.type[at]] : rows[key][at];

  /** The chosen users, as places in the snapshot's rows, ordered by a value and then by name. */
  function users(key, isDown) {
    const { rows } = snapshot();
    const wanted = chosen.search.toLowerCase();
    let found = [...rows.user.keys()];
    if (wanted) found = found.filter((at) => rows.user[at].toLowerCase().includes(wanted));
    if (chosen.bin !== null) found = found.filter((at) => binOf(rows.days[at]) === chosen.bin);
    const values = new Map(found.map((at) => [at, value(rows, key, at)]));
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    const byValue = (a, b) => order(values.get(a), values.get(b)) * (isDown ? -1 : 1);
    return found.sort((a, b) => byValue(a, b) || order(rows.user[a], rows.user[b]));
  }

  /** A table's row; numbers stand to the right, names keep their own direction. */
  function line(...cells) {
    const row = document.createElement("tr");
    for (const cell of cells) {
      const inner = row.insertCell();
      if (typeof cell === "number") inner.className = "number";
      (typeof cell === "number" ? inner : inner.appendChild(document.createElement("bdi"))).textContent =
        typeof cell === "number" ? number(cell) : cell;
    }
    return row;
  }

  /** The part of a list that its page shows, and the buttons that turn the page. */
  function page(found, nav, name, size, draw) {
    const pages = Math.max(1, Math.ceil(found.length / size));
    const turn = (button, to) => {
      button.disabled = to < 0 || to >= pages;
      button.onclick = () => {
        chosen[name] = to;
        draw();
      };
    };
    const [place, back, on] = nav.children;
    nav.hidden = pages === 1;
    turn(back, chosen[name] - 1);
    turn(on, chosen[name] + 1);
    place.textContent = `Page ${number(chosen[name] + 1)} of ${number(pages)}`;
    return found.slice(chosen[name] * size, (chosen[name] + 1) * size);
  }

  function drawBars() {
    const { rows } = snapshot();
    const shown = page(users(chosen.order, true), one("#bars .pager"), "bars", PLACES, drawBars);
    const longest = Math.max(1, ...shown.flatMap((at) => [rows.clicks[at], rows.purchases[at]]));
    for (const svg of all("#bars svg")) {
      const isNarrow = svg.closest(".chart-narrow") !== null;
      const [names, numbers] = [all(".names text", svg), all(".numbers text", svg)];
      all(".bars path", svg).forEach((bar, place) => {
        const at = shown[place >> 1];
        const kind = place % 2 ? "purchases" : "clicks";
        const count = at === undefined ? 0 : rows[kind][at];
        const length = pixels((Number(svg.parentElement.dataset.plot) * count) / longest);
        bar.setAttribute("d", bar.getAttribute("d").replace(/h[\d.]+(.*)h-?[\d.]+/, `h${length}$1h${-length}`));
        bar.dataset.tip = at === undefined ? "" : `${rows.user[at]}: ${number(count)} ${kind}`;
        numbers[place].setAttribute("transform", numbers[place].getAttribute("transform").replace(/\([\d.]+/, `(${length + 6}`));
        numbers[place].textContent = at === undefined ? "" : number(count);
        names[place >> 1].textContent = at === undefined ? "" : short(rows.user[at], LONGEST_NAME * (isNarrow ? 2 : 1));
      });
    }
    one("#bars tbody").replaceChildren(...shown.map((at) => line(rows.user[at], rows.clicks[at], rows.purchases[at])));
  }

  function drawRecency() {
    const counts = snapshot().bins;
    for (const svg of all("#recency svg")) {
      const height = Number(svg.parentElement.dataset.plot);
      all(".bars path", svg).forEach((bar, place) => {
        const [, x, width] = bar.getAttribute("d").match(/^M([\d.]+),[\d.]+h([\d.]+)/);
        const length = pixels((height * counts[place]) / data.most);
        bar.setAttribute("d", `M${x},${height - length}h${width}v${length}h-${width}Z`);
        bar.dataset.tip = bar.dataset.tip.replace(/: .*/, `: ${number(counts[place])} ${counts[place] === 1 ? "user" : "users"}`);
        bar.classList.toggle("unchosen", chosen.bin !== null && chosen.bin !== place);
      });
    }
    const mode = counts.indexOf(Math.max(...counts));
    one("[data-mode=label]").textContent = data.labels[mode];
    one("[data-mode=users]").textContent = number(counts[mode]);
    one("[data-total-again]").textContent = number(snapshot().users);
    one("#recency tbody").replaceChildren(...data.labels.map((label, place) => line(label, counts[place])));
  }

  function drawUsers() {
    const { rows, users: total } = snapshot();
    const found = users(chosen.sort, chosen.isDown);
    const shown = page(found, one("#users .pager"), "users", ROWS, drawUsers);
    const cells = (at) => [rows.user[at], time(rows.last[at]), data.types[rows.type[at]], rows.days[at], rows.events[at]];
    one("#users tbody").replaceChildren(...shown.map((at) => line(...cells(at), rows.clicks[at], rows.purchases[at])));
    for (const head of all("#users th")) {
      const isSorted = head.dataset.key === chosen.sort;
      isSorted ? head.setAttribute("aria-sort", chosen.isDown ? "descending" : "ascending") : head.removeAttribute("aria-sort");
    }
    const kept = total > rows.user.length ? `, of the ${number(rows.user.length)} most active of ${number(total)}` : "";
    one("[data-matches]").textContent = `${number(found.length)} ${found.length === 1 ? "user" : "users"}${kept}`;
  }

  function drawTotals() {
    const [now, before] = [snapshot(), data.snapshots[chosen.snapshot + 1]];
    for (const total of all("[data-total]")) {
      const name = total.dataset.total;
      const change = before ? now[name] - before[name] : 0;
      total.textContent = number(now[name]);
      one(`[data-change="${name}"]`).textContent = before
        ? `${change ? (change > 0 ? "+" : "") + number(change) : "no change"} since ${before.day}`
        : "";
    }
    for (const day of all("[data-day]")) day.textContent = now.day;
    one("[data-newest]").textContent = now.newest.slice(0, 19);
  }

  /** Everything that depends on which users are chosen, from its first page. */
  function drawChoice() {
    chosen.bars = chosen.users = 0;
    const button = form.elements.bin;
    button.hidden = chosen.bin === null;
    if (chosen.bin !== null) one("b", button).textContent = data.labels[chosen.bin];
    drawBars();
    drawRecency();
    drawUsers();
  }

  function choose(bin) {
    chosen.bin = bin === chosen.bin ? null : bin;
    drawChoice();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.day.addEventListener("change", (event) => {
    chosen.snapshot = event.target.selectedIndex;
    drawTotals();
    drawChoice();
  });
  form.elements.search.addEventListener("input", (event) => {
    chosen.search = event.target.value;
    drawChoice();
  });
  form.elements.bin.addEventListener("click", () => choose(null));
  one("[name=order]").addEventListener("change", (event) => {
    chosen.order = event.target.value;
    chosen.bars = 0;
    drawBars();
  });
  for (const head of all("#users th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const { key } = head.dataset;
      chosen.isDown = key === chosen.sort ? !chosen.isDown : head.className === "number" || key === "last";
      chosen.sort = key;
      chosen.users = 0;
      drawUsers();
    });
  }

  // What a bar says: by pointer, by touch, and by arrow keys on a chart that has the focus. Enter chooses a bar's users.
  const tip = document.getElementById("tip");
  const say = (bar) => {
    for (const spoken of all(".spoken")) spoken.classList.remove("spoken");
    tip.hidden = !bar || !bar.dataset.tip;
    if (tip.hidden) return;
    bar.classList.add("spoken");
    tip.textContent = short(bar.dataset.tip, 120);
    const [box, own] = [bar.getBoundingClientRect(), tip.getBoundingClientRect()];
    const left = Math.min(box.left + box.width / 2 - own.width / 2, document.documentElement.clientWidth - own.width - 8);
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${box.top + scrollY - own.height - 8}px`;
  };
  const bars = (chart) => all(".bars path", chart).filter((bar) => bar.dataset.tip);
  /** The bar under the pointer; of a column or row, too, for a short bar is hard to meet. */
  function barAt(chart, event) {
    const isRow = chart.closest("#bars") !== null;
    const meets = (box) =>
      isRow ? event.clientY >= box.top && event.clientY < box.bottom : event.clientX >= box.left && event.clientX < box.right;
    const met = bars(chart).filter((bar) => meets(bar.getBoundingClientRect()));
    const distance = (box) => Math.max(box.top - event.clientY, event.clientY - box.bottom, 0);
    return met.sort((a, b) => distance(a.getBoundingClientRect()) - distance(b.getBoundingClientRect()))[0];
  }
  for (const chart of all(".chart")) {
    const pick = (bar) => chart.closest("#recency") && bar && choose(all(".bars path", chart).indexOf(bar));
    chart.tabIndex = 0;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", `${one("svg", chart).getAttribute("aria-label")}; arrow keys read the bars`);
    chart.addEventListener("pointermove", (event) => say(barAt(chart, event)));
    chart.addEventListener("pointerleave", () => say(null));
    chart.addEventListener("blur", () => say(null));
    chart.addEventListener("click", (event) => pick(barAt(chart, event)));
    chart.addEventListener("keydown", (event) => {
      const shown = bars(chart);
      const at = shown.findIndex((bar) => bar.classList.contains("spoken"));
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step) say(shown[Math.max(0, Math.min(shown.length - 1, at + step))]);
      else if (event.key === "Enter") pick(shown[at]);
      else if (event.key === "Escape") say(null);
      else return;
      event.preventDefault();
    });
  }
  drawChoice();
})();
