// Small plots as SVG: lines over steps, points over frames.

import { drawing } from './elements.js';

const [RIGHT, TOP, BOTTOM] = [10, 16, 30];
const [DIGIT, BESIDE] = [6.2, 14]; // pixels that a digit takes, and the room beside a number
const THIN = '\u2009'; // a thin space, between thousands

/** Colours that the style sheet has for conditions. */
export const CONDITIONS = 6;

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

/** Points, each `{ x, y, kind, words, here, chosen }`: `kind` numbers its colour; those of the frame on screen and the
 * one that was chosen stand out. `whole` says that there is nothing between whole numbers of x. `choose` is called with
 * the number of the one that was clicked. */
export function pointPlot(points, { words, choose, width = 420, height = 220, x = '', y = '', whole = false }) {
  const plot = axes(
    points.map((point) => [point.x, point.y]),
    { words, width, height, x, y, whole },
  );
  const rank = (number) => Number(points[number].chosen ?? false) * 2 + Number(points[number].here ?? false);
  const inOrder = [...points.keys()].sort((one, other) => rank(one) - rank(other)); // what stands out is never covered
  for (const number of inOrder) {
    const point = points[number];
    const dot = drawing('circle', {
      class: `dot by-${(point.kind ?? 0) % CONDITIONS}${point.chosen ? ' chosen' : point.here ? ' here' : ''}`,
      cx: plot.x(point.x).toFixed(1),
      cy: plot.y(point.y).toFixed(1),
      r: point.chosen ? 5.5 : point.here ? 4.5 : 3.5,
      'data-point': number,
    });
    dot.append(drawing('title', {}, point.words));
    plot.svg.append(dot);
  }
  plot.svg.addEventListener('click', (event) => {
    const number = event.target.closest('[data-point]')?.dataset.point;
    if (number !== undefined) choose(Number(number));
  });
  return plot.svg;
}

function axes(points, { words, width, height, x, y, range, span, whole }) {
  const [x0, x1] = widened(
    points.map(([at]) => at),
    span,
  );
  const [y0, y1] = widened(
    points.map(([, value]) => value),
    range,
  );
  const upwards = ticks(y0, y1, 4);
  const left = BESIDE + DIGIT * Math.max(...upwards.map((tick) => brief(tick).length), 2);
  const across = (at) => left + ((at - x0) / (x1 - x0)) * (width - left - RIGHT);
  const up = (value) => height - BOTTOM - ((value - y0) / (y1 - y0)) * (height - TOP - BOTTOM);
  const svg = drawing('svg', { viewBox: `0 0 ${width} ${height}`, class: 'plot', role: 'img', 'aria-label': words });
  for (const tick of upwards) {
    svg.append(drawing('line', { class: 'grid', x1: left, x2: width - RIGHT, y1: up(tick), y2: up(tick) }));
    svg.append(drawing('text', { x: left - 6, y: up(tick) + 3.5, 'text-anchor': 'end' }, brief(tick)));
  }
  for (const tick of ticks(x0, x1, 5, whole ? 1 : 0)) {
    svg.append(drawing('text', { x: across(tick), y: height - BOTTOM + 13, 'text-anchor': 'middle' }, brief(tick)));
  }
  svg.append(drawing('text', { class: 'axis', x: width - RIGHT, y: height - 3, 'text-anchor': 'end' }, x));
  if (y) svg.append(drawing('text', { class: 'axis', x: 0, y: TOP - 7 }, y));
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

function ticks(low, high, count, least = 0) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 5, 10].find((each) => each * power >= rough) * power, least);
  const found = [];
  for (let number = Math.ceil(low / step); number * step <= high + step * 1e-6; number += 1) found.push(number * step);
  return found;
}

/** A number as people write it: large ones with thin spaces between thousands, to four digits but not less than ones. */
export function brief(number) {
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (size >= 1e9 || size < 1e-3) return asPower(number);
  if (size < 1000) return String(Number(number.toPrecision(4))).replace('-', '−');
  const digits = String(Math.round(size));
  const grouped = digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, THIN);
  return number < 0 ? `−${grouped}` : grouped;
}

function asPower(number) {
  const [digits, power] = number.toExponential(2).split('e');
  const raised = [...power.replace('+', '')].map((sign) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(sign)]).join('');
  return `${Number(digits)}${THIN}×${THIN}10${raised}`.replace('-', '−');
}
