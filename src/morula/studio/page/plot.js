// Small plots as SVG: lines over steps, points over frames.

import { drawing } from './elements.js';

const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 10, 30];

/**
 * Lines in one frame of axes.
 *
 * @param lines `{ points: [[x, y], …], name }` each; `name` is the class of the style sheet
 * @param options `{ width, height, x, y, range, span }`: words at the axes, and what they span at least
 */
export function linePlot(lines, { words, width = 320, height = 140, x = '', y = '', range = null, span = null }) {
  const plot = axes(
    lines.flatMap(({ points }) => points),
    { words, width, height, x, y, range, span },
  );
  for (const { points, name } of lines) {
    if (!points.length) continue;
    plot.svg.append(
      drawing('polyline', {
        class: `curve ${name}`,
        points: points.map(([at, value]) => `${plot.x(at).toFixed(1)},${plot.y(value).toFixed(1)}`).join(' '),
      }),
    );
    const [at, value] = points.at(-1);
    plot.svg.append(drawing('circle', { class: `curve-end ${name}`, cx: plot.x(at), cy: plot.y(value), r: 2.5 }));
  }
  return plot.svg;
}

/** Points, each `{ x, y, words, chosen }`; `choose` is called with the number of the one that was clicked. */
export function pointPlot(points, { words, choose, width = 420, height = 220, x = '', y = '', joined = false }) {
  const plot = axes(
    points.map((point) => [point.x, point.y]),
    { words, width, height, x, y },
  );
  if (joined)
    plot.svg.append(
      drawing('polyline', {
        class: 'thread',
        points: points.map((point) => `${plot.x(point.x).toFixed(1)},${plot.y(point.y).toFixed(1)}`).join(' '),
      }),
    );
  points.forEach((point, number) => {
    const dot = drawing('circle', {
      class: point.chosen ? 'dot chosen' : 'dot',
      cx: plot.x(point.x).toFixed(1),
      cy: plot.y(point.y).toFixed(1),
      r: point.chosen ? 5 : 3.5,
      'data-point': number,
    });
    dot.append(drawing('title', {}, point.words));
    plot.svg.append(dot);
  });
  plot.svg.addEventListener('click', (event) => {
    const number = event.target.closest('[data-point]')?.dataset.point;
    if (number !== undefined) choose(Number(number));
  });
  return plot.svg;
}

function axes(points, { words, width, height, x, y, range, span }) {
  const [x0, x1] = widened(
    points.map(([at]) => at),
    span,
  );
  const [y0, y1] = widened(
    points.map(([, value]) => value),
    range,
  );
  const across = (at) => LEFT + ((at - x0) / (x1 - x0)) * (width - LEFT - RIGHT);
  const up = (value) => height - BOTTOM - ((value - y0) / (y1 - y0)) * (height - TOP - BOTTOM);
  const svg = drawing('svg', { viewBox: `0 0 ${width} ${height}`, class: 'plot', role: 'img', 'aria-label': words });
  for (const tick of ticks(y0, y1, 4)) {
    svg.append(drawing('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: up(tick), y2: up(tick) }));
    svg.append(drawing('text', { x: LEFT - 6, y: up(tick) + 3.5, 'text-anchor': 'end' }, brief(tick)));
  }
  for (const tick of ticks(x0, x1, 5)) {
    svg.append(drawing('text', { x: across(tick), y: height - BOTTOM + 13, 'text-anchor': 'middle' }, brief(tick)));
  }
  svg.append(drawing('text', { class: 'axis', x: width - RIGHT, y: height - 3, 'text-anchor': 'end' }, x));
  if (y) svg.append(drawing('text', { class: 'axis', x: LEFT, y: TOP - 1 }, y));
  return { svg, x: across, y: up };
}

function widened(values, least) {
  let [low, high] = least ?? [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!Number.isFinite(low)) return [0, 1];
  if (low === high) return [low - 0.5, high + 0.5];
  const room = least ? 0 : 0.05 * (high - low);
  return [low - room, high + room];
}

function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((each) => each * power >= rough) * power;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) found.push(at);
  return found;
}

/** A number as short as it may be. */
export function brief(number) {
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (size >= 1e5 || size < 1e-3) return number.toExponential(1).replace('e+', 'e');
  return String(Number(number.toPrecision(4)));
}
