/* Layered layout of a graph, left to right. Pure: the same nodes and edges always give the same places.
   A node has key, width, height and hub; an edge has from, to (keys), outY, inY (where it touches, from the nodes'
   tops) and weak (drawn where it fits, without a say in the layers). Layers are even for tools and odd for hubs.
   Sets x and y of every node, points of every edge; returns the width and height of the whole. */
function layered(nodes, edges, { roots = [], late = false } = {}) {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const firm = edges.filter((edge) => !edge.weak && edge.from !== edge.to);
  const order = withoutCycles(nodes, firm, roots);
  assignLayers(order, firm.filter((edge) => !edge.back), late);
  placeWeak(nodes, firm, edges.filter((edge) => edge.weak));
  const layers = [];
  const put = (item, layer) => (layers[layer] ??= []).push(item);
  nodes.forEach((node) => put(node, node.layer));
  const bends = new Map();
  edges.forEach((edge) => { edge.chain = chain(edge, byKey, bends, put); });
  const filled = layers.filter(Boolean);
  arrange(filled, edges);
  return measure(filled, edges);
}

/* Nodes so that producers come before consumers. Searched backwards from the roots; an edge that would close a cycle is
   marked as going back, so that everything else flows towards the roots. */
function withoutCycles(nodes, edges, roots) {
  const incoming = new Map(nodes.map((node) => [node.key, []]));
  const consumers = new Set(edges.map((edge) => edge.from));
  edges.forEach((edge) => incoming.get(edge.to).push(edge));
  const state = new Map();
  const order = [];
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const visit = (key) => {
    state.set(key, "open");
    for (const edge of incoming.get(key)) {
      edge.back = state.get(edge.from) === "open";
      if (!state.has(edge.from)) visit(edge.from);
    }
    state.set(key, "done");
    order.push(byKey.get(key));
  };
  const ends = nodes.filter((node) => !consumers.has(node.key)).map((node) => node.key);
  [...roots, ...ends, ...nodes.map((node) => node.key)].forEach((key) => { if (!state.has(key)) visit(key); });
  return order;
}

/* As early as the producers allow; hubs, and with `late` all that feeds something, as late as the consumers allow. */
function assignLayers(order, edges, late) {
  const byKey = new Map(order.map((node) => [node.key, node]));
  const parity = (node, layer, step) => ((layer & 1) === (node.hub ? 1 : 0) ? layer : layer + step);
  order.forEach((node) => { node.layer = node.hub ? 1 : 0; });
  for (const node of order) {
    const before = edges.filter((edge) => edge.to === node.key).map((edge) => byKey.get(edge.from).layer + 1);
    if (before.length) node.layer = parity(node, Math.max(...before), 1);
  }
  for (const node of [...order].reverse()) {
    const after = edges.filter((edge) => edge.from === node.key).map((edge) => byKey.get(edge.to).layer - 1);
    if (after.length && (late || node.hub)) node.layer = parity(node, Math.min(...after), -1);
  }
}

/* Nodes that have weak edges only stand beside what those lead to. */
function placeWeak(nodes, firm, weak) {
  const anchored = new Set(firm.flatMap((edge) => [edge.from, edge.to]));
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  for (const edge of weak) {
    const [from, to] = [byKey.get(edge.from), byKey.get(edge.to)];
    if (!anchored.has(from.key) && from !== to) from.layer = to.layer - 2;
    else if (!anchored.has(to.key) && from !== to) to.layer = from.layer + 2;
    anchored.add(from.key).add(to.key);
  }
  const first = Math.min(0, ...nodes.map((node) => node.layer));
  nodes.forEach((node) => { node.layer -= first; });
}

/* The edge's stations: its ends, and a bend in each layer that it passes. Backwards it bends in its ends' layers too.
   Wires of one kind from one node share their bends, so that they run as one until they part. */
function chain(edge, byKey, bends, put) {
  const [from, to] = [byKey.get(edge.from), byKey.get(edge.to)];
  const bend = (layer, way) => {
    const key = `${edge.from} ${edge.style} ${way} ${layer}`;
    if (!bends.has(key)) {
      bends.set(key, { key, bend: true, width: 0, height: 9 });
      put(bends.get(key), layer);
    }
    return bends.get(key);
  };
  const passed = [];
  for (let layer = from.layer + 1; layer < to.layer; layer++) passed.push(bend(layer, "on"));
  if (from !== to) for (let layer = from.layer; layer >= to.layer; layer--) passed.push(bend(layer, "back"));
  return [from, ...passed, to];
}

const ORDERING = 16, SETTLING = 60;

/* Orders each layer by where its neighbours are, sweeping back and forth; then settles heights with the order kept. */
function arrange(layers, edges) {
  const beside = new Map(layers.flat().map((item) => [item, []]));
  const layerOf = new Map(layers.flatMap((layer, index) => layer.map((item) => [item, index])));
  for (const [a, b, shift, loose] of neighbours(edges)) {
    const weight = loose && !(a.bend && b.bend) ? 0.05 : a.bend && b.bend ? 6 : a.bend || b.bend ? 2 : 1;
    beside.get(a).push({ item: b, shift, weight });
    beside.get(b).push({ item: a, shift: -shift, weight });
  }
  layers.forEach((layer) => stack(layer.map((item) => [item, 0])));
  const wish = (item, near) => {
    const found = beside.get(item).filter(near);
    const total = found.reduce((sum, { weight }) => sum + weight, 0);
    return total ? found.reduce((sum, { item: other, shift, weight }) => sum + weight * (other.y + shift), 0) / total : item.y;
  };
  for (let sweep = 0; sweep < ORDERING + SETTLING; sweep++) {
    const forward = sweep % 2 === 0;
    for (const layer of forward ? layers : [...layers].reverse()) {
      const near = sweep < ORDERING ? ({ item }) => (layerOf.get(item) < layerOf.get(layer[0])) === forward : () => true;
      const wanted = layer.map((item) => [item, wish(item, near)]);
      if (sweep < ORDERING) wanted.sort((a, b) => a[1] - b[1]);
      layer.splice(0, layer.length, ...wanted.map(([item]) => item));
      stack(wanted);
    }
  }
}

/* Each pair of stations that a wire joins, once, with how much lower the second must be put for the wire to be
   level, and whether the wire has little say: one that is weak or goes back. */
function neighbours(edges) {
  const pairs = new Map();
  for (const { chain: stations, outY, inY, weak, back } of edges) {
    stations.slice(1).forEach((b, i) => {
      const a = stations[i];
      const shift = (b.bend ? b.height / 2 : inY) - (a.bend ? a.height / 2 : outY);
      if (a !== b) pairs.set(`${a.key}>${b.key}>${shift}`, [a, b, shift, weak || back]);
    });
  }
  return pairs.values();
}

/* Heights nearest to the wished ones (least squares, nodes before bends) that keep the order and the gaps: blocks that
   overlap merge. */
function stack(wanted) {
  const blocks = [];
  const top = (block) => block.sum / block.weight;
  for (const [item, wish] of wanted) {
    const weight = item.bend ? 0.25 : 1;
    let block = { items: [item], size: item.height + (item.bend ? 4 : 14), sum: wish * weight, weight };
    while (blocks.length && top(blocks.at(-1)) + blocks.at(-1).size > top(block)) {
      const last = blocks.pop();
      block = { items: [...last.items, ...block.items], size: last.size + block.size, weight: last.weight + block.weight,
        sum: last.sum + block.sum - last.size * block.weight };
    }
    blocks.push(block);
  }
  for (const block of blocks) {
    const { items } = block;
    let y = top(block);
    for (const item of items) { item.y = y; y += item.height + (item.bend ? 4 : 14); }
  }
}

/* Columns as wide as their widest node, gaps wider where many wires turn, and the points that each wire goes through. */
function measure(layers, edges) {
  const top = Math.min(...layers.flat().map((item) => item.y));
  let x = 14;
  for (const layer of layers) {
    const width = Math.max(...layer.map((item) => item.width));
    layer.forEach((item) => { item.y += 14 - top; item.x = x + (item.hub ? (width - item.width) / 2 : 0); item.span = [x, x + width]; });
    x += width + 26 + Math.min(44, 1.6 * layer.length);
  }
  edges.forEach((edge) => { edge.points = route(edge); });
  const bottom = Math.max(...layers.flat().map((item) => item.y + item.height));
  return { width: Math.max(...layers.flat().map((item) => item.span[1])) + 30, height: bottom + 14 };
}

/* Through the bends. A wire leaves its column level, so that it crosses no wider node there, and one that goes back
   turns outside it; a wire from a node to itself passes below. */
function route({ chain: stations, outY, inY }) {
  const [from, to] = [stations[0], stations.at(-1)];
  const [start, end] = [[from.x + from.width, from.y + outY], [to.x, to.y + inY]];
  if (from === to) {
    const below = from.y + from.height + 6;
    return [start, [start[0], below], [end[0], below], end];
  }
  const back = from.layer >= to.layer;
  const bends = stations.slice(1, -1).flatMap(({ span, y }) => (back ? [...span].reverse() : span).map((x) => [x, y + 4.5]));
  return [start, [from.span[1], start[1]], ...bends, [to.span[0], end[1]], end];
}
