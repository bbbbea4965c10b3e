/* The page: a list to search, a selected tool or environment (the address's fragment), and their drawings. */
(() => {
  const { tools, groups } = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const [list, search, filters, drawing] = ["list", "search", "filters", "drawing"].map(byId);
  const groupOf = new Map(groups.flatMap((group) => group.tools.map((tool) => [tool, group])));
  const KINDS = ["enables", "offers", "breaks"];
  const CHAR = 7.25, HEAD = 24, ROW = 16;
  const offersShown = { overview: false, tool: true }; // an overview would drown in them
  let view = "overview";
  let zoom = 0; // 0 fits the width; otherwise a factor

  const shown = (name) => filters.elements[name].checked;
  const wanted = (slot, kind) => shown(kind === "enables" ? (slot.state ? "state" : "value") : kind);
  const guessed = (end) => end[2].join() === "schema";

  /* The slots of a tool with the ends that the filters leave. */
  function slotsOf(tool) {
    return tools[tool].slots.map((slot) => {
      const ends = (kind) => (wanted(slot, kind) ? slot[kind].filter((end) => shown("schema") || !guessed(end)) : []);
      return { ...slot, tool, ...Object.fromEntries(KINDS.map((kind) => [kind, ends(kind)])) };
    });
  }

  const unique = (items) => [...new Set(items)];
  const enablers = (tool) => unique(slotsOf(tool).flatMap((slot) => slot.enables.map(([from]) => from)));

  /* All that a tool needs, and what that needs in turn. */
  function ancestors(tool) {
    const found = new Set([tool]);
    for (const name of found) enablers(name).forEach((from) => found.add(from));
    return found;
  }

  /* Which ends of a slot belong to the drawing around `focus`: all of what leads to it, and its own on the other side. */
  function aroundFocus(focus) {
    const before = ancestors(focus);
    return (slot, kind, from) => (kind === "enables" && before.has(slot.tool)) || slot.tool === focus || from === focus;
  }

  /* Nodes and edges of a drawing: the ends that `keep` takes, joined by a hub where several are alternatives. */
  function scene(candidates, keep, focus) {
    const nodes = new Map(), edges = [];
    const slots = candidates.flatMap(slotsOf);
    const kept = slots.map((slot) => Object.fromEntries(KINDS.map((kind) => [kind, slot[kind].filter(([from]) => keep(slot, kind, from))])));
    slots.forEach((slot, index) => {
      const all = KINDS.flatMap((kind) => kept[index][kind]);
      if (!all.length) return;
      unique([slot.tool, ...all.map(([from]) => from)]).forEach((tool) => addTool(nodes, tool, focus));
      const consumer = nodes.get(`t${slot.tool}`);
      const row = consumer.rows.push(slot) - 1;
      for (const kind of KINDS) connect(nodes, edges, slot, kept[index][kind], kind, row);
    });
    for (const node of nodes.values()) if (!node.hub) size(node);
    edges.forEach((edge) => { edge.inY = edge.row === undefined ? nodes.get(edge.to).height / 2 : HEAD + ROW * edge.row + 6; });
    edges.forEach((edge) => { edge.outY = nodes.get(edge.from).hub ? 9 : HEAD / 2; });
    return { nodes: [...nodes.values()], edges };
  }

  function addTool(nodes, tool, focus) {
    const key = `t${tool}`;
    if (!nodes.has(key)) nodes.set(key, { key, tool, rows: [], focus: tool === focus });
  }

  function connect(nodes, edges, slot, ends, kind, row) {
    const to = `t${slot.tool}`;
    const style = kind === "enables" ? (slot.state ? "state" : "value") : kind;
    const bySource = new Map();
    ends.forEach((end) => bySource.set(end[0], [...(bySource.get(end[0]) ?? []), end]));
    const note = (found) => found.map(([from, path, evidence]) => `${tools[from].name} ${kind} ${tools[slot.tool].name}: ${slot.label}`
      + `${path ? ` from ${path}` : ""} (${evidence.join(", ")})`).join("\n");
    const wire = (from, target, found, rest) => edges.push({ from, to: target, style, note: note(found), guess: found.every(guessed), ...rest });
    const total = unique(slot.enables.map(([from]) => from)).length;
    if (kind !== "enables" || total < 2) {
      bySource.forEach((found, from) => wire(`t${from}`, to, found, { row, tip: true, weak: kind !== "enables" }));
    } else if (bySource.size) {
      const hub = `h${[...bySource.keys()].sort((a, b) => a - b)}/${total}`;
      const fresh = !nodes.has(hub);
      const hidden = total - bySource.size;
      if (fresh) nodes.set(hub, { key: hub, hub: true, hidden, width: hidden ? 40 : 26, height: 18 });
      if (fresh) bySource.forEach((found, from) => wire(`t${from}`, hub, found, {}));
      wire(hub, to, ends, { row, tip: true });
    }
  }

  /* A tool's box: its name, a row for each slot that is drawn, and how many needs are not. */
  function size(node) {
    const { name, slots } = tools[node.tool];
    const drawn = new Set(node.rows.map((slot) => slot.label + slot.state));
    const hidden = slots.filter((slot) => slot.enables.length && !drawn.has(slot.label + slot.state)).length;
    node.more = hidden ? `${node.rows.length ? "and " : ""}${hidden} ${node.rows.length ? "more " : ""}need${hidden > 1 ? "s" : ""}` : "";
    const texts = [name.length + 1, node.more.length, ...node.rows.map((slot) => slot.label.length)];
    node.width = Math.max(...texts) * CHAR + 20;
    node.height = HEAD + ROW * (node.rows.length + (node.more ? 1 : 0)) + (node.rows.length || node.more ? 4 : 0);
  }

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  };

  /* A curve through the points, level where it passes a column; it turns round where the next point is straight above
     or below, the first time to the right and then to the left. */
  function curve(points) {
    let bulge = 34;
    return points.slice(1).reduce((path, [x, y], i) => {
      const [px, py] = points[i];
      const turns = x === px && y !== py;
      const [out, back] = turns ? [px + bulge, x + bulge] : [px + (x - px) / 2, x - (x - px) / 2];
      if (turns) bulge = -34;
      return `${path}C${out} ${py} ${back} ${y} ${x} ${y}`;
    }, `M${points[0]}`);
  }

  function drawWire(edge) {
    const [x, y] = edge.points.at(-1);
    const path = curve(edge.points);
    const made = element("g", { class: `wire ${edge.style}${edge.guess ? " guess" : ""}`, "data-ends": `${edge.from} ${edge.to}` },
      element("title", {}, edge.note), element("path", { class: "near", d: path }), element("path", { d: path }));
    if (edge.tip) made.append(edge.style === "breaks"
      ? element("path", { class: "cross", d: `M${x - 22} ${y - 4}l8 8m0 -8l-8 8` })
      : element("polygon", { class: `tip ${edge.style}`, points: `${x - 3},${y} ${x - 11},${y - 3.6} ${x - 11},${y + 3.6}` }));
    return made;
  }

  function drawNode(node) {
    const at = { transform: `translate(${node.x} ${node.y})` };
    if (node.hub) {
      const [w, h] = [node.width, node.height];
      return element("g", { class: "or", ...at }, element("title", {}, "one of these is enough"),
        element("path", { class: "hub", d: `M${w / 2} 0L${w} ${h / 2}L${w / 2} ${h}L0 ${h / 2}Z` }),
        element("text", { x: w / 2, y: 12.5 }, node.hidden ? `or +${node.hidden}` : "or"));
    }
    const { name, id, effect } = tools[node.tool];
    const made = element("a", { href: `#${id}`, class: `tool ${effect}${node.focus ? " focus" : ""}`, "data-key": node.key, ...at },
      element("title", {}, `${name} (${groupOf.get(node.tool).name}; ${effect})`),
      element("rect", { width: node.width, height: node.height, rx: 6 }), element("text", { class: "name", x: 10, y: 16 }, name));
    node.rows.forEach((slot, row) => {
      const y = HEAD + ROW * row + 6;
      made.append(element("circle", { cx: 0, cy: y, r: 3, class: slot.state ? "state" : slot.opaque ? "opaque" : "" }),
        element("text", { class: "slot", x: 10, y: y + 4 }, slot.label));
    });
    if (node.more) made.append(element("text", { class: "more", x: 10, y: HEAD + ROW * node.rows.length + 10 }, node.more));
    return made;
  }

  function picture({ nodes, edges }, options) {
    const { width, height } = layered(nodes, edges, options);
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "data-width": width, "data-height": height },
      ...edges.map(drawWire), ...nodes.map(drawNode));
    const mark = (event) => {
      const key = event.target.closest("[data-key]")?.dataset.key;
      svg.querySelectorAll(".wire").forEach((wire) => wire.classList.toggle("near-pointer", wire.dataset.ends.split(" ").includes(key)));
    };
    ["mouseover", "focusin"].forEach((type) => svg.addEventListener(type, mark));
    return svg;
  }

  const html = (name, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  };

  function figure(heading, note, svg, extra = []) {
    return html("figure", {}, html("figcaption", {}, ...heading, html("span", {}, note)),
      ...(svg ? [html("div", { className: "scroll" }, svg)] : []), ...extra);
  }

  function overview(group) {
    const own = new Set(group.tools);
    const parts = scene(group.tools, (slot, kind, from) => own.has(from));
    const drawn = new Set(parts.nodes.map((node) => node.tool));
    const alone = group.tools.filter((tool) => !drawn.has(tool));
    const links = alone.flatMap((tool, i) => [i ? ", " : "", html("a", { href: `#${tools[tool].id}` }, tools[tool].name)]);
    const rest = alone.length ? [html("p", { className: "alone" }, drawn.size ? "Without such edges: " : "No edges of the kinds shown among these tools: ", ...links)] : [];
    const heading = html("h2", {}, html("a", { href: `#${group.id}` }, group.name));
    const note = drawn.size ? "from what can be called first, on the left, to what needs most" : "";
    return figure([heading], note, drawn.size ? picture(parts) : null, rest);
  }

  function neighbourhood(tool) {
    const everyone = tools.map((_, index) => index);
    const parts = scene(everyone, aroundFocus(tool), tool);
    if (!parts.nodes.length) return html("p", { className: "alone" }, "No edge of the kinds shown leads to this tool or from it.");
    return figure([], "what it needs, on the left, and what it gives to, on the right", picture(parts, { roots: [`t${tool}`], late: true }));
  }

  function fit() {
    drawing.querySelectorAll(".scroll > svg").forEach((svg) => {
      const wide = (svg.parentElement.clientWidth - 2) / svg.dataset.width;
      const high = view === "tool" ? (0.54 * innerHeight - 2) / svg.dataset.height : 1.15;
      svg.setAttribute("width", svg.dataset.width * (zoom || Math.min(1.15, Math.max(0.72, Math.min(wide, high)))));
    });
    const focus = drawing.querySelector(".tool.focus");
    if (!focus) return;
    const [inner, outer] = [focus.getBoundingClientRect(), focus.closest(".scroll").getBoundingClientRect()];
    focus.closest(".scroll").scrollBy(inner.x + inner.width / 2 - outer.x - outer.width / 2, inner.y + inner.height / 2 - outer.y - outer.height / 2);
  }

  /* Show what the address names: a tool, an environment, or all environments. */
  function show() {
    const id = decodeURIComponent(location.hash.slice(1));
    const tool = tools.findIndex((item) => item.id === id);
    const group = groups.find((item) => item.id === id);
    view = tool >= 0 ? "tool" : "overview";
    filters.elements.offers.checked = offersShown[view];
    drawing.replaceChildren(...(tool >= 0 ? [neighbourhood(tool)] : (group ? [group] : groups).map(overview)));
    if (tool >= 0) byId(`card-${id}`).querySelector(".sections").before(drawing);
    else byId("cards").before(drawing);
    drawing.className = tool >= 0 ? "selected" : "";
    document.querySelectorAll(".card").forEach((card) => { card.hidden = card.id !== `card-${id}`; });
    document.querySelectorAll(".warnings").forEach((box) => { box.hidden = tool >= 0; });
    list.querySelectorAll("a").forEach((link) => {
      if (link.hash.slice(1) === id && id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    fit();
  }

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    list.querySelectorAll("li").forEach((item) => {
      const card = byId(`card-${item.firstChild.hash.slice(1)}`);
      const text = `${item.textContent} ${card.querySelector(".description").textContent}`.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
      found += item.hidden ? 0 : 1;
    });
    list.querySelectorAll("section").forEach((section) => { section.hidden = !section.querySelector("li:not([hidden])"); });
    byId("found").textContent = words.length ? `${found} of ${tools.length} tools` : "";
  }

  /* "/" searches; the arrows go through what the list shows. */
  function keys(event) {
    if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && event.target.closest("nav")) {
      event.preventDefault();
      const links = [...list.querySelectorAll("a")].filter((link) => link.offsetParent);
      const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (links[place] ?? search).focus();
    }
  }

  addEventListener("hashchange", () => { show(); byId("main").scrollTop = 0; });
  addEventListener("resize", fit);
  document.addEventListener("keydown", keys);
  search.addEventListener("input", narrow);
  filters.addEventListener("change", () => { offersShown[view] = filters.elements.offers.checked; show(); });
  filters.addEventListener("click", ({ target }) => {
    if (target.value === "fit") zoom = 0;
    else if (target.value === "in" || target.value === "out") zoom = Math.min(3, Math.max(0.2, (zoom || 1) * (target.value === "in" ? 1.25 : 0.8)));
    else return;
    fit();
  });
  show();
})();
