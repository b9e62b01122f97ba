// The step Check: what looks wrong with images and annotation, the gravest first.

import * as api from './api.js';
import { button, element } from './elements.js';
import { begin, card, isOpen, latestOf } from './jobs.js';
import { attempt } from './messages.js';
import { goToId, on, project } from './project.js';
import { remedyOf } from './remedies.js';
import { shown } from './steps.js';

const SEVERITIES = ['error', 'warning', 'note'];
const WORDS = { error: 'Error', warning: 'Warning', note: 'Note' };

const panel = document.getElementById('check');
const list = element('ul', { class: 'findings', id: 'findings' });
const checkButton = button('Check', () => attempt(() => begin('check')), { class: 'main', 'data-action': 'check' });

export function start() {
  panel.append(
    element(
      'p',
      {},
      'Looks for what ruins results: annotations that do not fit their image, frames that were copied, classes that are hardly drawn.',
    ),
    element('p', { class: 'line' }, checkButton),
    card('check'),
    list,
  );
  on('step', () => shown() === 'check' && attempt(ask));
  on('job', (job) => {
    checkButton.disabled = isOpen(latestOf('check'));
    if (job.kind === 'check' && job.state === 'done' && shown() === 'check') attempt(ask);
  });
}

async function ask() {
  const findings = await api.get('/api/findings');
  findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  list.replaceChildren(...findings.map(item));
  if (!findings.length && latestOf('check')?.state === 'done')
    list.append(element('li', { class: 'fine' }, 'Nothing looks wrong.'));
}

function item(finding) {
  const image = project.images.find((each) => each.id === finding.image);
  return element(
    'li',
    { class: finding.severity },
    element('b', {}, WORDS[finding.severity]),
    element('span', {}, finding.words),
    element(
      'p',
      { class: 'line remedies' },
      ...remedyOf(finding),
      image && button(`Show ${image.name}`, () => goToId(image.id, finding.frame), { class: 'quiet' }),
    ),
  );
}
