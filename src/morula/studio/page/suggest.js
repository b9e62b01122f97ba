// What to annotate next: the frames that teach most, which are opened by a click.

import { button, element } from './elements.js';
import { frameItems } from './frames.js';
import { begin, card, isOpen, latestOf } from './jobs.js';
import { attempt } from './messages.js';
import { on, project, stateOf } from './project.js';

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
  list.replaceChildren(...frameItems(job?.result?.frames ?? [], (frame) => stateOf(frame).annotated === 'finished'));
}
