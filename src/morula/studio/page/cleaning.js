// How masks are tidied after a model drew them: specks, holes, and what the border cuts.

import { element, field } from './elements.js';
import { attempt } from './messages.js';
import { change, micrometres, on, project } from './project.js';

const smallest = element('input', { type: 'number', min: 0, step: 'any', inputmode: 'decimal', id: 'smallest' });
const unit = element('span', { class: 'aside' });
const holes = element('input', { type: 'checkbox', id: 'fill-holes' });
const border = element('input', { type: 'checkbox', id: 'drop-border' });

export const cleaning = element(
  'details',
  { id: 'cleaning' },
  element('summary', {}, 'Tidy the masks'),
  field('Leave out below', element('span', { class: 'with-number' }, smallest, unit)),
  element('label', { class: 'tick' }, holes, 'Fill holes'),
  element('label', { class: 'tick' }, border, 'Leave out what the border cuts'),
  element('p', { class: 'aside' }, 'Counts from the next time you segment.'),
);

export function start() {
  for (const input of [smallest, holes, border]) input.addEventListener('change', () => attempt(keep));
  on('project', show);
  show();
}

async function keep() {
  if (!smallest.validity.valid) throw new Error(`Say how many ${unit.textContent}, from 0 on.`);
  await change({
    cleaning: {
      ...project.settings.cleaning,
      min_size: Number(smallest.value),
      fill_holes: holes.checked ? 'all' : null,
      drop_border: border.checked,
    },
  });
}

function show() {
  const known = project.settings.cleaning;
  if (!known) return;
  if (document.activeElement !== smallest) smallest.value = known.min_size || '';
  holes.checked = known.fill_holes !== null;
  border.checked = known.drop_border;
  const [image] = project.images;
  const power = image?.slices > 1 ? '³' : '²';
  if (image && micrometres(image)) unit.textContent = `µm${power}`;
  else unit.textContent = power === '³' ? 'voxels' : 'pixels';
}
