// Draws charts from the tables of a page; whatever goes wrong here, the tables remain.
//
//   <figure class="chart" data-chart="trend|line|stack|compare|heat" data-table="ID"></figure>
//   <table id="ID"> <caption>…</caption>
//     <th data-series="actual">实际</th>              one for each series, in one row without spans; names below
//     <tr data-now>                                   on the row of today (trend)
//       <th scope="row" data-value="2026-03-05">3月5日</th>   the value: of days only (trend)
//       <td data-value="12"><a href="…">12</a></td>   empty: no point
//
// What is shown as a number is the text of the cell. A click on a bar, point, cell or label of a chart follows
// the link of its table cell, or else of its row. Colours, patterns and letters come from portal.css. Nothing
// moves, so there is nothing to reduce for people who bear no movement.
{
  const PAPER = 680; // pixels across an upright A4 page between its margins
  const MOST = 30; // bars that `compare` shows without scrolling
  const LINES = { plan: { step: "end" }, actual: { area: true, thick: 3 }, forecast: { dash: [7, 5] } };

  // Patterns over the colours, so that no colour stands alone.
  const stripes = (rotation, gap) => ({ symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, gap], rotation });
  const dots = (gap) => ({ symbol: "circle", symbolSize: 0.6, dashArrayX: [[gap, gap], [0, gap, gap, 0]], dashArrayY: [gap, 0] });
  const PATTERNS = {
    returned: stripes(-Math.PI / 4, 5),
    overdue: stripes(Math.PI / 4, 5),
    late: stripes(0, 5),
    missing: dots(7),
    not_due: dots(7),
    exempt: dots(4),
    waiting: stripes(Math.PI / 2, 6),
  };
  // Steps instead of a scale: the number inside always stands out against its colour.
  const STEPS = [[100, 101, "100%"], [80, 100, "80%～99%"], [60, 80, "60%～79%"], [40, 60, "40%～59%"], [0, 40, "不到40%"]];

  // Reading ----------------------------------------------------------------------------------------------

  const words = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";
  const number = (cell) => (cell?.dataset.value ? Number(cell.dataset.value) : null);
  const read = (table) => {
    const series = [...table.querySelectorAll("thead [data-series]")].map((head) => ({
      key: head.dataset.series,
      name: words(head),
      column: head.cellIndex,
    }));
    const rows = [...table.querySelectorAll("tbody tr")].flatMap((row) => {
      const head = row.querySelector(":scope > th[scope=row]");
      if (!head) return [];
      const cells = series.map(({ column }) => row.cells[column]);
      const link = (cell) => cell?.querySelector("a[href]") ?? head.querySelector("a[href]");
      return {
        name: words(head),
        day: head.dataset.value,
        now: "now" in row.dataset,
        values: cells.map(number),
        shown: cells.map(words),
        links: cells.map(link),
        link: head.querySelector("a[href]"),
      };
    });
    return { name: words(table.caption), series, rows };
  };

  // What all kinds have in common ------------------------------------------------------------------------

  const look = (figure) => {
    const style = getComputedStyle(figure);
    const size = parseFloat(style.fontSize);
    const colour = (name) => style.getPropertyValue(`--chart-${name}`).trim();
    return { size, family: style.fontFamily, colour: (name) => colour(name) || colour("other") };
  };
  const told = ({ rows, series }) => (one) => {
    const row = rows[one.dataIndex];
    return [row.name, ...series.map(({ name }, n) => `${name}　${row.shown[n]}`).filter((line, n) => row.values[n] !== null)].join("\n");
  };
  const common = (facts, { size, family, colour }) => ({
    animation: false,
    textStyle: { fontFamily: family, fontSize: size, color: colour("ink") },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: colour("ground"),
      borderColor: colour("line"),
      textStyle: { fontFamily: family, fontSize: size, color: colour("ink") },
      formatter: (chosen) => told(facts)([chosen].flat()[0]),
    },
  });
  const legend = ({ size, colour }) => ({
    type: "plain",
    top: 0,
    left: "center",
    itemWidth: size * 1.6,
    itemHeight: size,
    textStyle: { fontSize: size, color: colour("ink") },
  });
  const paint = ({ colour }, { key }) => ({
    color: colour(key),
    borderColor: colour("ground"),
    borderWidth: 1,
    decal: PATTERNS[key] ? { color: "rgba(255, 255, 255, .55)", ...PATTERNS[key] } : undefined,
  });
  // Names of rows along the left: clicked as well, never under the bars, at most a third of the width.
  const names = ({ rows }, { size, colour }, width) => ({
    type: "category",
    inverse: true,
    data: rows.map((row, n) => String(n)), // two schools may have one name
    triggerEvent: true,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colour("line") } },
    axisLabel: {
      interval: 0,
      fontSize: size,
      color: colour("ink"),
      formatter: (n) => rows[n].name,
      width: Math.min(Math.max(...rows.map((row) => row.name.length)) * size + 4, width / 3),
      overflow: "truncate",
    },
  });
  const amounts = ({ size, colour }, width) => ({
    type: "value",
    minInterval: 1,
    splitNumber: width < 500 ? 2 : 5,
    axisLabel: { fontSize: size, color: colour("ink"), hideOverlap: true },
    splitLine: { lineStyle: { color: colour("line") } },
  });
  const stroke = ({ rows }, { size, colour }, width, { key, name }, n) => {
    const { step = false, area = false, thick = 2, dash = "solid" } = LINES[key] ?? {};
    return {
      type: "line",
      name,
      step,
      cursor: rows.some((row) => row.links[n]) ? "pointer" : "default",
      symbol: "circle",
      symbolSize: Math.min(size * 0.6, 8),
      showSymbol: Boolean(area) && width > rows.length * 14,
      lineStyle: { color: colour(key), width: thick, type: dash },
      itemStyle: { color: colour(key) },
      areaStyle: area ? { color: colour(key), opacity: 0.14 } : undefined,
    };
  };
  const tall = ({ rows }, { size }, each, besides) => Math.round(size * (rows.length * each + besides));

  // The kinds: each gives its height in pixels and what echarts is told --------------------------------------

  const KINDS = {
    trend(facts, style, width) {
      const { rows, series } = facts;
      const { size, colour } = style;
      const today = rows.find((row) => row.now);
      const mark = today && {
        silent: true,
        symbol: "none",
        lineStyle: { color: colour("now"), type: "solid", width: 1.5 },
        label: { formatter: "今天", fontSize: size, color: colour("now") },
        data: [{ xAxis: today.day }],
      };
      return {
        height: size * 22,
        option: {
          legend: legend(style),
          grid: { top: size * 4, bottom: size, left: size, right: size * 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
          xAxis: {
            type: "time",
            minInterval: 24 * 3600 * 1000,
            axisLine: { lineStyle: { color: colour("line") } },
            axisLabel: {
              fontSize: size,
              color: colour("ink"),
              hideOverlap: true,
              formatter: (value) => `${new Date(value).getMonth() + 1}月${new Date(value).getDate()}日`,
            },
          },
          yAxis: amounts(style, width),
          tooltip: { trigger: "axis", axisPointer: { type: "line" } },
          series: series.map((one, n) => ({
            ...stroke(facts, style, width, one, n),
            data: rows.map((row) => [row.day, row.values[n]]),
            markLine: n === 0 ? mark : undefined,
          })),
        },
      };
    },

    // As a trend, of names that stand at equal distances.
    line(facts, style, width) {
      const { rows, series } = facts;
      const { size, colour } = style;
      return {
        height: size * 20,
        option: {
          legend: legend(style),
          grid: { top: size * 4, bottom: size, left: size, right: size * 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
          xAxis: {
            type: "category",
            boundaryGap: false,
            data: rows.map((row) => row.name),
            axisLine: { lineStyle: { color: colour("line") } },
            axisLabel: { fontSize: size, color: colour("ink"), hideOverlap: true },
          },
          yAxis: amounts(style, width),
          tooltip: { trigger: "axis", axisPointer: { type: "line" } },
          series: series.map((one, n) => ({ ...stroke(facts, style, width, one, n), data: rows.map((row) => row.values[n]) })),
        },
      };
    },

    stack(facts, style, width) {
      const { rows, series } = facts;
      const { size, colour } = style;
      const longest = Math.max(...rows.map((row) => row.values.reduce((sum, n) => sum + n, 0)));
      const room = (width * 0.55) / longest; // pixels for one, at least
      return {
        height: tall(facts, style, 2.4, 7),
        option: {
          legend: legend(style),
          grid: { top: size * (width < 500 ? 5 : 3), bottom: size, left: 0, right: size * 1.5, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
          xAxis: amounts(style, width),
          yAxis: names(facts, style, width),
          tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
          series: series.map((one, n) => ({
            type: "bar",
            name: one.name,
            stack: "all",
            barMaxWidth: size * 1.6,
            itemStyle: paint(style, one),
            cursor: rows.some((row) => row.links[n]) ? "pointer" : "default",
            data: rows.map((row) => ({
              value: row.values[n],
              label: { show: row.values[n] * room > row.shown[n].length * size * 0.6 + 16 },
            })),
            label: {
              formatter: ({ dataIndex }) => rows[dataIndex].shown[n],
              fontSize: size,
              color: colour("ink"),
              backgroundColor: colour("ground"),
              borderRadius: 2,
              padding: [1, 3],
            },
          })),
        },
      };
    },

    compare(facts, style, width, printing) {
      const { rows, series } = facts;
      const { size, colour } = style;
      const scrolls = rows.length > MOST && !printing;
      const shown = scrolls ? { ...facts, rows: rows.slice(0, MOST) } : facts;
      const most = Math.max(100, ...rows.map((row) => row.values[0] ?? 0));
      const several = series.length > 1;
      return {
        height: tall(shown, style, 2 * series.length, several ? 6 : 3),
        option: {
          legend: several ? legend(style) : undefined,
          grid: { top: several ? size * 3 : size / 2, bottom: size, left: 0, right: size * (scrolls ? 7 : 5), outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
          // Every bar bears its number, so the axis needs none.
          xAxis: { type: "value", show: false, max: series[0].key.endsWith("percent") ? most : null },
          yAxis: names(facts, style, width * 1.35),
          dataZoom: scrolls && {
            type: "slider",
            orient: "vertical",
            startValue: 0,
            endValue: MOST - 1,
            zoomLock: true,
            brushSelect: false,
            showDetail: false,
            showDataShadow: false,
            right: 0,
            width: 20,
            fillerColor: colour("line"),
            handleSize: 0,
          },
          tooltip: { trigger: "item" },
          series: series.map((one, n) => ({
            type: "bar",
            name: one.name,
            barMaxWidth: size * 1.3,
            itemStyle: { color: colour(one.key) },
            cursor: rows.some((row) => row.links[n]) ? "pointer" : "default",
            data: rows.map((row) => row.values[n]),
            label: {
              show: true,
              position: "right",
              fontSize: size,
              color: colour("ink"),
              formatter: ({ dataIndex }) => rows[dataIndex].shown[n],
            },
          })),
        },
      };
    },

    heat(facts, style, width) {
      const { rows, series } = facts;
      const { size, family, colour } = style;
      const cells = rows.flatMap((row, y) => series.map((one, x) => [x, y, row.values[x]])).filter((cell) => cell[2] !== null);
      const side = names(facts, style, width);
      const column = Math.max((width - side.axisLabel.width) / series.length, size * 3.2);
      const head = Math.ceil((Math.max(...series.map((one) => one.name.length)) * size) / (column - 6));
      const step = (value) => STEPS.findIndex(([from]) => value >= from) + 1;
      return {
        height: tall(facts, style, 2.2, head * 1.4 + 4),
        width: side.axisLabel.width + column * series.length,
        option: {
          grid: { top: size * (head * 1.4 + 0.5), bottom: size * 3, left: side.axisLabel.width + 8, right: 1 },
          xAxis: {
            type: "category",
            position: "top",
            data: series.map((one, n) => String(n)),
            axisTick: { show: false },
            axisLine: { show: false },
            axisLabel: {
              interval: 0,
              fontSize: size,
              color: colour("ink"),
              formatter: (n) => series[n].name,
              width: column - 6,
              overflow: "break",
              lineHeight: size * 1.3,
            },
          },
          yAxis: side,
          visualMap: {
            type: "piecewise",
            dimension: 2,
            selectedMode: false,
            hoverLink: false,
            orient: "horizontal",
            left: 0,
            bottom: 0,
            itemWidth: size * 1.6,
            itemHeight: size,
            textStyle: { fontSize: size, color: colour("ink") },
            pieces: STEPS.map(([gte, lt, label], n) => ({ gte, lt, label, color: colour(`heat-${n + 1}`) })),
          },
          tooltip: {
            trigger: "item",
            formatter: ({ value: [x, y] }) => `${rows[y].name}\n${series[x].name}　${rows[y].shown[x]}`,
          },
          series: {
            type: "custom", // a heatmap of echarts 6.1 lies in a canvas of its own, which does not print
            data: cells,
            cursor: rows.some((row) => row.links.some(Boolean)) ? "pointer" : "default",
            renderItem(params, { value, coord, size: across }) {
              const [x, y, amount] = [value(0), value(1), value(2)];
              const [[left, top], [w, h]] = [coord([x, y]), across([1, 1])];
              const ink = colour(`heat-${step(amount)}-ink`);
              return {
                type: "rect",
                shape: { x: left - w / 2 + 1, y: top - h / 2 + 1, width: w - 2, height: h - 2 },
                style: { fill: colour(`heat-${step(amount)}`) },
                textContent: { style: { text: rows[y].shown[x], fill: ink, fontSize: size, fontFamily: family } },
                textConfig: { position: "inside" },
              };
            },
          },
        },
      };
    },
  };

  // Drawing ------------------------------------------------------------------------------------------------

  const drawn = new Map(); // figure → { surface, chart, facts, seen, across }
  let printing = false;

  const follow = (figure, event) => {
    const { rows } = drawn.get(figure).facts;
    if (event.targetType === "axisLabel") return rows[event.dataIndex]?.link?.click();
    const [row, column] = event.seriesType === "custom" ? [event.value[1], event.value[0]] : [event.dataIndex, event.seriesIndex];
    return rows[row]?.links[column]?.click();
  };

  const begin = (figure) => {
    figure.classList.add("drawn");
    const surface = figure.appendChild(document.createElement("div"));
    surface.className = "surface";
    surface.setAttribute("role", "img");
    const chart = echarts.init(surface, null, { renderer: "canvas", locale: "ZH" });
    chart.on("click", (event) => follow(figure, event));
    drawn.set(figure, { surface, chart });
    sizes.observe(figure);
  };

  const render = (figure) => {
    const { surface, chart, facts } = drawn.get(figure);
    const style = look(figure);
    const across = printing ? PAPER : figure.clientWidth;
    drawn.get(figure).across = across;
    if (!across) return; // inside something closed: drawn when it opens
    const { height, width = 0, option } = KINDS[figure.dataset.chart](facts, style, across, printing);
    const wide = Math.max(across, printing ? 0 : width);
    surface.style.setProperty("--own-height", `${height}px`);
    surface.style.width = wide > figure.clientWidth || printing ? `${wide}px` : "";
    if (wide > figure.clientWidth) figure.tabIndex = 0; // what scrolls is reached by keyboard
    else figure.removeAttribute("tabindex");
    surface.setAttribute("aria-label", `${facts.name || "图表"}（图中的数据都在表格里）`);
    chart.resize();
    const base = common(facts, style);
    chart.setOption({ ...base, ...option, tooltip: { ...base.tooltip, ...option.tooltip } }, true);
  };

  const end = (figure) => {
    const { surface, chart } = drawn.get(figure);
    sizes.unobserve(figure);
    drawn.delete(figure);
    chart.dispose();
    surface.remove();
    figure.classList.remove("drawn");
  };

  // What has left the page ends, what is new begins, what says something else is drawn anew.
  const refresh = () => {
    [...drawn.keys()].filter((figure) => !figure.isConnected).forEach(end);
    document.querySelectorAll("figure.chart[data-chart]").forEach((figure) => {
      const table = document.getElementById(figure.dataset.table);
      const facts = table && read(table);
      if (!facts?.rows.some((row) => row.values.some((value) => value !== null))) {
        if (drawn.has(figure)) end(figure);
        return;
      }
      const seen = JSON.stringify([figure.dataset.chart, facts]);
      if (!drawn.has(figure)) begin(figure);
      const before = drawn.get(figure).seen;
      Object.assign(drawn.get(figure), { facts, seen }); // also where nothing changed: the links are new ones
      if (seen !== before) render(figure);
    });
  };

  const sizes = new ResizeObserver((changes) => {
    changes.map(({ target }) => target).forEach((figure) => {
      if (!drawn.has(figure)) return;
      if (!figure.isConnected) end(figure);
      // The first call comes of being observed, others of the height that drawing has given: a chart that
      // is drawn anew between pressing a button and letting it go misses the click.
      else if (!printing && figure.clientWidth !== drawn.get(figure).across) render(figure);
    });
  });

  // On paper the tables stand open below their charts, but those of a trend, which have a line for each day.
  const CLOSED = "details.behind:not([open]):not(figure[data-chart=trend] + *)";
  const unfolded = new Set();
  const print = (now) => {
    printing = now;
    if (now) document.querySelectorAll(CLOSED).forEach((one) => unfolded.add(one));
    unfolded.forEach((one) => { one.open = now; });
    if (!now) unfolded.clear();
    drawn.forEach((one, figure) => render(figure));
  };

  if (window.echarts) {
    refresh();
    document.addEventListener("htmx:load", refresh);
    document.addEventListener("htmx:afterSwap", refresh);
    window.addEventListener("beforeprint", () => print(true));
    window.addEventListener("afterprint", () => print(false));
  } else document.querySelectorAll("details.behind").forEach((details) => { details.open = true; });
}
