// The plot of the step Measure: a column over frames or over another column, by condition; and the same as a figure.

import * as api from './api.js';
import { copy } from './jobs.js';
import { button, element, field } from './elements.js';
import { attempt } from './messages.js';
import { isChosen, isHere, momentOf, open, placeOf, table, titleOf, wordsOf } from './measurements.js';
import { CONDITIONS, brief, pointPlot } from './plot.js';

const MOST_POINTS = 4000;
const FIRST = ['area', 'volume', 'area_um2'];
const OTHER = 'other';

const up = element('select', { id: 'column', 'aria-label': 'Plotted upwards' });
const across = element('select', { id: 'across', 'aria-label': 'Plotted to the right' });
const by = element('input', {
  type: 'text',
  id: 'by',
  maxlength: 200,
  placeholder: 'words in names, such as wt|mutant',
  autocomplete: 'off',
  list: 'by-columns',
});
const columns = element('datalist', { id: 'by-columns' });
const plot = element('div', { id: 'measure-plot' });
const key = element('p', { class: 'line key-line', hidden: true });
const trouble = element('p', { class: 'aside wrong', role: 'status', hidden: true });

/** The parts of the panel that this is about; `changed` is called when other columns are plotted. */
export function parts(changed) {
  for (const each of [up, across])
    each.addEventListener('change', () => {
      draw();
      changed();
    });
  by.addEventListener('input', draw);
  const take = ['svg', 'png'].map((kind) =>
    button(kind.toUpperCase(), () => attempt(() => download(kind)), {
      class: 'quiet',
      'data-action': `figure-${kind}`,
    }),
  );
  return [
    element('div', { class: 'axes' }, field('Plot', up), field('over', across)),
    element('div', {}, field('Compare', by), columns),
    trouble,
    plot,
    key,
    element(
      'p',
      { class: 'line links' },
      element('span', { class: 'aside' }, 'This as a figure'),
      ...take,
      button('Copy as command', () => attempt(copyCommand), {
        class: 'quiet',
        'data-action': 'figure-command',
        'aria-label': 'Copy the figure as command',
      }),
    ),
  ];
}

/** Offer the columns of the table that is there now. */
export function offer() {
  const numeric = table.columns.filter((_, at) => table.rows.some((cells) => typeof cells[at] === 'number'));
  const first =
    FIRST.map((name) => numeric.find((each) => each.name === name)).find(Boolean) ??
    numeric.find(({ name }) => /^(area|volume)(_|$)/.test(name)) ??
    numeric[0];
  fill(up, numeric, first?.name ?? '');
  fill(across, numeric, '', [element('option', { value: '' }, 'frames')]);
  columns.replaceChildren(
    ...['class_name', 'class'].filter(tellsApart).map((name) => element('option', { value: name })),
  );
  draw();
}

/** The names of the columns that are plotted. */
export function plotted() {
  return [up.value, across.value].filter(Boolean);
}

function tellsApart(name) {
  const at = placeOf(name);
  return at >= 0 && new Set(table.rows.map((cells) => cells[at]).filter((value) => value !== null)).size > 1;
}

function fill(select, offered, first, before = []) {
  const chosen = select.value;
  select.replaceChildren(
    ...before,
    ...offered.map((each) => element('option', { value: each.name }, titleOf(each))),
  );
  select.value = offered.some(({ name }) => name === chosen) ? chosen : first;
}

export function draw() {
  const [x, y] = [placeOf(across.value), placeOf(up.value)];
  const all = table.rows
    .map((cells, number) => ({ number, y: cells[y], x: x < 0 ? momentOf(number) : cells[x] }))
    .filter((point) => typeof point.y === 'number' && typeof point.x === 'number');
  const every = Math.ceil(all.length / MOST_POINTS) || 1;
  const condition = conditions();
  const names = [...new Set(all.map(({ number }) => condition(number)))].sort(
    (one, other) => (one === OTHER) - (other === OTHER),
  );
  const points = all
    .filter(({ number }, at) => at % every === 0 || isChosen(number))
    .map((point) => ({
      ...point,
      kind: names.indexOf(condition(point.number)),
      here: isHere(point.number),
      chosen: isChosen(point.number),
      words: `${wordsOf(point.number)}: ${brief(point.y)}`,
    }));
  const title = titleOf(table.columns[y] ?? { name: '' });
  const below = x < 0 ? 'frame' : titleOf(table.columns[x]);
  plot.replaceChildren(
    pointPlot(points, {
      words: `${title} over ${below}`,
      x: below,
      y: title,
      height: 190,
      whole: x < 0,
      choose: (at) => open(points[at].number),
    }),
  );
  key.hidden = names.length < 2;
  key.replaceChildren(
    ...names.map((name, at) =>
      element('span', { class: 'key' }, element('i', { class: `swatch by-${at % CONDITIONS}` }), name),
    ),
  );
}

/** What tells the condition of a row, as `morula plot --conditions` reads it; says what is wrong with it otherwise. */
function conditions() {
  trouble.hidden = true;
  const told = by.value.trim();
  if (!told) return () => '';
  const at = placeOf(told);
  if (at >= 0) return (number) => String(table.rows[number][at] ?? OTHER);
  const file = placeOf('file');
  try {
    const pattern = new RegExp(told);
    const found = table.rows.map((cells) => pattern.exec(cells[file]));
    const missed = found.findIndex((each) => !each);
    if (missed >= 0) warn(`No such word in ${table.rows[missed][file]}: every file needs one.`);
    return (number) => found[number]?.[1] ?? found[number]?.[0] ?? OTHER;
  } catch {
    warn('This cannot be read. Write words with | between them, such as wt|mutant.');
    return () => '';
  }
}

function warn(words) {
  trouble.textContent = words;
  trouble.hidden = false;
}

function asked() {
  const told = { y: up.value, x: across.value, by: by.value.trim() };
  return new URLSearchParams(Object.entries(told).filter(([, value]) => value));
}

async function download(kind) {
  const address = `/api/export/figure.${kind}?${asked()}`;
  await api.available(address);
  element('a', { href: address, download: '' }).click();
}

async function copyCommand() {
  const { command } = await api.get(`/api/figure/command?${asked()}`);
  await copy(command);
}
