// What to annotate next: the frames that teach most, which are opened by a click.

import { button, element } from './elements.js';
import { icon } from './icons.js';
import { begin, card, isOpen, latestOf } from './jobs.js';
import { attempt } from './messages.js';
import { goToId, on, project, stateOf } from './project.js';
import { show as showStep } from './steps.js';

const start = button('Suggest frames', () => attempt(() => begin('suggest')), { 'data-action': 'suggest' });
const list = element('ul', { class: 'plain', id: 'suggested' });

/** The part of a panel that is about it. */
export function section() {
  for (const topic of ['project', 'state', 'job']) on(topic, show);
  show();
  return [
    element('h3', {}, 'What to annotate next'),
    element('p', {}, 'The frames that stand for most others, and look like none that is annotated.'),
    element('p', { class: 'line' }, start),
    card('suggest', (job) => job.state === 'done' && job.result?.outlook && element('p', {}, job.result.outlook)),
    list,
  ];
}

function show() {
  const job = latestOf('suggest');
  start.disabled = !project.models.length || isOpen(job);
  if (list.contains(document.activeElement)) return;
  list.replaceChildren(...(job?.result?.frames ?? []).map(row).filter(Boolean));
}

function row({ id, t, reason }) {
  const image = project.images.find((each) => each.id === id);
  if (!image) return null;
  const name = image.name + (image.frames > 1 ? `, frame ${t + 1}` : '');
  const finished = stateOf({ image, t }).annotated === 'finished';
  const open = button(
    name,
    () => {
      goToId(id, t);
      showStep('annotate');
    },
    { class: 'quiet', 'data-id': id, 'data-t': t },
  );
  return element(
    'li',
    {},
    open,
    finished && element('span', { class: 'mark good', role: 'img', 'aria-label': 'finished' }, icon('check')),
    element('span', { class: 'aside' }, reason),
  );
}
