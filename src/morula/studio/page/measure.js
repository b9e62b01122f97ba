// The step Measure: the table of objects, one of its columns as a plot over frames, and what can be taken along.

import * as api from './api.js';
import { button, element, field } from './elements.js';
import { begin, card, isOpen, latestOf } from './jobs.js';
import { attempt } from './messages.js';
import { goToId, indexOf, on, place, project } from './project.js';
import { brief, pointPlot } from './plot.js';
import { Rows } from './rows.js';
import { shown } from './steps.js';

const ROW = 28; // pixels, as in the style sheet
const MOST_POINTS = 4000;
const EXPORTS = [
  ['measurements.csv', 'Table (CSV)'],
  ['masks.zip', 'Masks'],
  ['rois.zip', 'ROIs'],
  ['report.html', 'Report'],
  ['everything.zip', 'Everything'],
];
/** What may not have been made yet: a browser would say only that a download failed. */
const ASKED_FIRST = new Set(['measurements.csv', 'rois.zip', 'report.html']);

const panel = document.getElementById('measure');
const column = element('select', { id: 'column' });
const plot = element('div', { id: 'measure-plot' });
const head = element('div', { class: 'table-head', role: 'row' });
const scroller = element('div', { class: 'scroller table', tabindex: 0, role: 'rowgroup', 'aria-label': 'Rows' });
const table = element(
  'div',
  { role: 'table', class: 'table-box', 'aria-label': 'Measurements' },
  element('div', { role: 'rowgroup', class: 'head-group' }, head),
  scroller,
);
const found = element('div', { class: 'stack grow', hidden: true });
const measureButton = button('Measure', () => attempt(() => begin('measure')), {
  class: 'main',
  'data-action': 'measure',
});

let data = null;
let outdated = true;
let order = []; // numbers of rows, as they are sorted
let sorted = { column: -1, down: false };
let rows = null;

export function start() {
  const links = EXPORTS.map(([what, words]) => {
    const link = element('a', { href: `/api/export/${what}`, download: '', 'data-export': what }, words);
    link.addEventListener('click', (event) => ASKED_FIRST.has(what) && takeAlong(event, what));
    return link;
  });
  found.append(field('Plot', column), plot, table);
  panel.append(
    element(
      'p',
      { class: 'with-button' },
      measureButton,
      'Size, shape and brightness of every object in every mask. What you corrected counts as you left it.',
    ),
    card('measure'),
    element('p', { class: 'line links' }, element('span', { class: 'aside' }, 'Take along'), ...links),
    found,
  );
  rows = new Rows(scroller, ROW, row);
  scroller.addEventListener(
    'scroll',
    () => {
      head.style.transform = `translateX(${-scroller.scrollLeft}px)`;
    },
    { passive: true },
  );
  scroller.addEventListener('click', (event) => {
    const number = event.target.closest('[data-number]')?.dataset.number;
    if (number !== undefined) goToId(...data.frames[order[Number(number)]]);
  });
  scroller.addEventListener('keydown', keys);
  column.addEventListener('change', drawPlot);
  on('step', () => shown() === 'measure' && outdated && attempt(ask));
  on('job', (job) => {
    measureButton.disabled = isOpen(latestOf('measure'));
    if (job.kind === 'measure' && job.state === 'done' && shown() === 'measure') attempt(ask);
    else if (job.kind === 'measure') outdated = true;
    if (job.kind === 'report' && reportWanted && !isOpen(job)) {
      reportWanted = false;
      if (job.state === 'done') download('report.html');
    }
  });
  on('place', () => {
    if (!data || shown() !== 'measure') return;
    drawPlot();
    rows.show(order.length);
  });
}

async function ask() {
  data = await api.get('/api/measurements');
  outdated = false;
  found.hidden = !data.file; // nothing measured yet
  if (!data.file) return;
  const chosen = column.value;
  const numeric = data.columns
    .map(({ name }, at) => ({ name, at }))
    .filter(({ at }) => data.rows.some((cells) => typeof cells[at] === 'number'));
  column.replaceChildren(...numeric.map(({ at }) => element('option', { value: at }, titleOf(data.columns[at]))));
  const first = numeric.find(({ name }) => /^(area|volume)(_|$)/.test(name)) ?? numeric[0];
  column.value = numeric.some(({ at }) => String(at) === chosen) ? chosen : String(first?.at ?? '');
  sort(-1);
  drawPlot();
}

let reportWanted = false;

function takeAlong(event, what) {
  event.preventDefault();
  attempt(async () => {
    if (what === 'report.html') {
      reportWanted = true;
      await begin('report');
      return;
    }
    await api.available(`/api/export/${what}`);
    download(what);
  });
}

function download(what) {
  element('a', { href: `/api/export/${what}`, download: '' }).click();
}

function titleOf({ name, label, unit }) {
  const words = label || name;
  return unit && !words.includes(unit) ? `${words} (${unit})` : words;
}

function sort(by) {
  sorted = { column: by, down: sorted.column === by && !sorted.down };
  order = data.rows.map((_, number) => number);
  if (by >= 0) order.sort((a, b) => compared(data.rows[a][by], data.rows[b][by]) * (sorted.down ? -1 : 1));
  drawHead();
  rows.show(order.length);
}

function compared(a, b) {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), undefined, { numeric: true });
}

function drawHead() {
  head.replaceChildren(
    ...data.columns.map((each, number) => {
      const sign = sorted.column === number ? (sorted.down ? ' ▾' : ' ▴') : '';
      const cell = element('div', {
        role: 'columnheader',
        class: typeof data.rows[0]?.[number] === 'number' ? 'cell number' : 'cell',
        'aria-sort': sign ? (sorted.down ? 'descending' : 'ascending') : 'none',
      });
      cell.append(button(titleOf(each) + sign, () => sort(number), { class: 'quiet', title: titleOf(each) }));
      return cell;
    }),
  );
}

function row(number) {
  const cells = data.rows[order[number]];
  const [id, t] = data.frames[order[number]];
  const here = place.image?.id === id && place.t === t;
  return element(
    'div',
    { role: 'row', class: here ? 'row here' : 'row', 'data-number': number },
    ...cells.map((value) =>
      element(
        'div',
        { role: 'cell', class: typeof value === 'number' ? 'cell number' : 'cell' },
        value === null ? '–' : typeof value === 'number' ? brief(value) : String(value),
      ),
    ),
  );
}

function drawPlot() {
  const at = Number(column.value);
  const all = data.rows
    .map((cells, number) => ({ value: cells[at], number }))
    .filter(({ value }) => typeof value === 'number');
  const every = Math.ceil(all.length / MOST_POINTS) || 1;
  const byId = new Map(project.images.map((image) => [image.id, image]));
  const points = all
    .filter((_, number) => number % every === 0)
    .map(({ value, number }) => {
      const [id, t] = data.frames[number];
      const image = byId.get(id);
      const frame = image ? indexOf({ image, t }) : number;
      return {
        x: frame + 1,
        y: value,
        number,
        chosen: image === place.image && t === place.t,
        words: `${image?.name ?? ''}${image?.frames > 1 ? `, frame ${t + 1}` : ''}: ${brief(value)}`,
      };
    });
  const title = titleOf(data.columns[at] ?? { name: '' });
  plot.replaceChildren(
    pointPlot(points, {
      words: `${title} by frame`,
      x: 'frame',
      y: title,
      height: 180,
      choose: (number) => goToId(...data.frames[points[number].number]),
    }),
  );
}

function keys(event) {
  if (event.key !== 'Enter' && event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  event.preventDefault();
  event.stopPropagation();
  const now = order.findIndex(
    (number) => data.frames[number][0] === place.image?.id && data.frames[number][1] === place.t,
  );
  const next = Math.min(Math.max(now + (event.key === 'ArrowUp' ? -1 : 1), 0), order.length - 1);
  goToId(...data.frames[order[next]]);
  rows.bringIntoSight(next);
}
