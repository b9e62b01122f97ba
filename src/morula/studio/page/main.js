// The page, put together: every part is started once, and then the parts tell each other what changes.

import * as adding from './adding.js';
import * as annotate from './annotate.js';
import * as check from './check.js';
import * as chosen from './chosen.js';
import * as cleaning from './cleaning.js';
import * as contrast from './contrast.js';
import { byAction } from './elements.js';
import * as events from './events.js';
import * as gallery from './gallery.js';
import * as gestures from './gestures.js';
import { icon } from './icons.js';
import * as jobs from './jobs.js';
import * as layers from './layers.js';
import * as locks from './locks.js';
import * as measure from './measure.js';
import { attempt } from './messages.js';
import * as moments from './moments.js';
import * as pen from './pen.js';
import * as numbers from './numbers.js';
import { load } from './project.js';
import * as review from './review.js';
import * as saving from './saving.js';
import * as scale from './scale.js';
import * as settings from './settings.js';
import * as shortcuts from './shortcuts.js';
import * as preview from './preview.js';
import * as steps from './steps.js';
import * as title from './title.js';
import * as toolbar from './toolbar.js';
import * as toolbox from './toolbox.js';
import * as train from './train.js';
import * as undo from './undo.js';
import * as view from './view.js';
import * as walk from './walk.js';

const drawn = () => steps.shown() === 'annotate';

steps.start();
layers.start();
contrast.start();
toolbox.start();
toolbar.start();
view.start({ drawn });
gestures.start({ drawn });
for (const part of [
  adding,
  gallery,
  moments,
  pen,
  numbers,
  scale,
  title,
  saving,
  undo,
  annotate,
  locks,
  preview,
  review,
  measure,
  chosen,
  check,
  train,
  cleaning,
  settings,
  shortcuts,
])
  part.start();
buttons();
walk.start();
await attempt(load);
events.start();
await jobs.start();
document.documentElement.dataset.ready = 'yes';

function buttons() {
  const camera = {
    'zoom-in': [() => view.zoomBy(1.4), 'plus'],
    'zoom-out': [() => view.zoomBy(1 / 1.4), 'minus'],
    fit: [view.fit],
  };
  for (const [action, [act, sign]] of Object.entries(camera)) {
    for (const each of byAction(action)) {
      each.addEventListener('click', act);
      if (sign) each.append(icon(sign));
    }
  }
  sheet('contrast', contrast.toggle);
  sheet('layers', layers.toggle);
}

/** A button that opens and closes a sheet. */
function sheet(action, toggle) {
  for (const each of byAction(action))
    each.addEventListener('click', () => each.setAttribute('aria-expanded', toggle()));
}
