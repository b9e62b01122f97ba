// A polygon: straight from corner to corner.

import { clicked } from './clicked.js';

export const tool = clicked();
