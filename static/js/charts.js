/* Charts that answer to the pointer, in place of the drawings the server sent.
   The page works without: each figure has its drawing and its table. */

"use strict";

(() => {
  const MARKS = {
    planned: "circle", actual: "circle", second: "rect", third: "triangle", fourth: "rectRot", late: "crossRot",
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const charts = new Map();

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const inUnit = (value, unit) => new Intl.NumberFormat(document.documentElement.lang).format(value) + unit;

  /* One series as Chart.js takes it; the marks thin out where there are many. */
  function dataset(series, bars, count) {
    const colour = token(`--chart-${series.look}`);
    const sparse = Math.ceil(count / 26);
    return {
      label: series.name,
      data: series.values,
      borderColor: colour,
      backgroundColor: bars ? colour : series.look === "planned" ? token("--surface") : colour,
      borderWidth: bars ? 0 : 2,
      borderDash: series.dash,
      clip: 8,
      pointStyle: MARKS[series.look],
      pointRadius: (point) => (point.dataIndex % sparse ? 0 : 3.5),
      pointHoverRadius: 5.5,
      pointBorderWidth: 1.5,
      maxBarThickness: 36,
      spanGaps: false,
    };
  }

  function options(data) {
    const soft = token("--ink-soft");
    return {
      responsive: true,
      maintainAspectRatio: false,
      animation: calm.matches ? false : { duration: 250 },
      locale: document.documentElement.lang,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { grid: { display: false }, border: { color: token("--line-strong") }, ticks: { color: soft, maxRotation: 0, autoSkipPadding: 12 } },
        y: {
          beginAtZero: true,
          max: data.unit === "%" ? 100 : undefined,
          border: { display: false },
          grid: { color: token("--line") },
          ticks: { color: soft, precision: 0, maxTicksLimit: 6, stepSize: data.unit === "%" ? 25 : undefined, callback: (value) => inUnit(value, data.unit) },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: token("--ink"),
          titleColor: token("--surface"),
          bodyColor: token("--surface"),
          usePointStyle: true,
          padding: 10,
          callbacks: { label: (item) => ` ${item.dataset.label} ${inUnit(item.parsed.y, data.unit)}` },
        },
      },
    };
  }

  function draw(figure) {
    const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const bars = data.kind === "bars";
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    charts.get(figure)?.destroy();
    charts.set(figure, new Chart(figure.querySelector("canvas"), {
      type: bars ? "bar" : "line",
      data: { labels: data.labels, datasets: data.series.map((series) => dataset(series, bars, data.labels.length)) },
      options: options(data),
    }));
  }

  /* The drawing's legend as words that wrap, each with its line and mark. */
  function legend(plot) {
    const list = document.createElement("ul");
    list.className = "chart__keys";
    for (const look of plot.querySelectorAll(".chart__legend > .look")) {
      const { x, y, width, height } = look.getBBox();
      const sample = look.ownerSVGElement.cloneNode(false);
      for (const name of ["class", "role", "aria-label"]) sample.removeAttribute(name);
      sample.setAttribute("viewBox", `${x - 2} ${y - 2} ${width + 4} ${height + 4}`);
      sample.setAttribute("width", width + 4);
      sample.setAttribute("height", height + 4);
      sample.setAttribute("aria-hidden", "true");
      sample.append(look.cloneNode(true));
      const item = document.createElement("li");
      item.append(sample, look.nextElementSibling.textContent);
      list.append(item);
    }
    return list;
  }

  /* Legend and canvas before the drawing, which stays for print. */
  function enliven(figure) {
    const plot = figure.querySelector(".chart__plot");
    if (!plot) return;
    const box = document.createElement("div");
    const canvas = document.createElement("canvas");
    box.className = "chart__canvas";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", plot.getAttribute("aria-label"));
    box.append(canvas);
    plot.before(legend(plot), box);
    figure.classList.add("chart--live");
    draw(figure);
  }

  const figures = document.querySelectorAll("figure[data-chart]");
  figures.forEach(enliven);
  dark.addEventListener("change", () => charts.forEach((_chart, figure) => draw(figure)));
})();
