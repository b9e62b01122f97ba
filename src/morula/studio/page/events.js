// What the server tells by itself: jobs move on, labels and states change, other tabs draw.

import { take as takeJob } from './jobs.js';
import { annotation, prediction } from './labels.js';
import { attempt, say } from './messages.js';
import { forgetNumbers } from './numbers.js';
import { TAB, load, takeState, tell } from './project.js';
import * as preview from './preview.js';

const REST = 400; // ms: many changes at once make one question
const AGAIN = 3000; // ms after which a server that refused to tell is asked again: it may know this browser by then

let asked = 0;
let broken = false;

export function start() {
  const source = new EventSource('/api/events');
  const listen = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  listen('job', (job) => {
    takeJob(job);
    if (job.kind === 'segment' && job.state !== 'running') {
      prediction.forget();
      tell('labels');
    }
  });
  listen('labels', ({ id, t, z, box, tab }) => {
    if (tab === TAB) return;
    if (!box) forgetNumbers({ image: { id }, t });
    annotation.reload(id, t, z, box);
    tell('labels');
  });
  listen('preview', preview.take);
  listen('trouble', ({ words }) => say(words, { wrong: true }));
  listen('news', ({ words }) => say(words));
  listen('state', ({ id, t, state }) => takeState(id, t, state));
  listen('project', ask);
  source.addEventListener('error', () => {
    broken = true;
    if (source.readyState === EventSource.CLOSED) setTimeout(start, AGAIN);
  });
  source.addEventListener('open', () => {
    if (!broken) return;
    broken = false; // what was told meanwhile is lost
    annotation.forget();
    prediction.forget();
    forgetNumbers();
    ask();
  });
}

function ask() {
  clearTimeout(asked);
  asked = setTimeout(() => attempt(load), REST);
}
