import { test } from 'vitest';
import { CLOUD_START_MS } from '@holdfast/infra/testing/clouds/index';
import { cloudBoxes } from './support/property/cloud-boxes.ts';
import { runProperty } from './support/property/run.ts';
import { verbsAsked } from './support/size.ts';

// Every box is a machine with a process of its own: a verb costs ten times as much as it does on files.
const verbs = verbsAsked({ usual: 60, full: 600 });

test(
  'in clouds that lie, whatever is asked for, and whoever dies over it: all of that as well, and no machine is left',
  { timeout: CLOUD_START_MS + 180_000 + verbs * 2_000 },
  () => runProperty(verbs, cloudBoxes),
);
