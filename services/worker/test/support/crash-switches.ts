import { bringUp, failed, online, provisioning, settle, type Story } from './crash-story.ts';

const asked = { kind: 'switch', before: 'online', asks: ['switch'], cloud: true } as const;
const back = ['moveProviderBack', 'restoreBeforeSwitch'] as const;
/** Both clouds are told of as they are written, and the cycle after the first one as every other. */
const thereAndBack = [...online, provisioning, provisioning, provisioning] as const;

/** A switch as it should go, and every way back from it. */
export const switchStories: readonly Story[] = [
  {
    ...asked,
    name: 'a switch',
    steps: bringUp([...settle, 'moveProvider']),
    state: 'succeeded',
    status: 'online',
    boxes: 1,
    events: [...online, ...online],
  },
  {
    ...asked,
    name: 'a switch whose old box does not stop in time',
    steps: ['beginSettle', 'oweBoxes', 'moveProvider', 'mintBox', 'finishOperation'],
    hostAway: true,
    state: 'succeeded',
    status: 'online',
    boxes: 1,
    events: [...online, ...online],
  },
  {
    ...asked,
    name: 'a switch that fails, and its way back as well',
    steps: ['startBox', ...settle, ...back, 'finishOperation'],
    refusedStart: true,
    state: 'failed',
    status: 'failed',
    boxes: 0,
    events: [...thereAndBack, failed],
  },
  {
    ...asked,
    name: 'a switch that is cancelled while its agent boots, and compensated',
    before: 'switching',
    asks: ['cancel', 'agents speak'],
    steps: [
      'lookAtOperation',
      ...settle,
      ...back,
      'beginCycle',
      'prepareBox',
      'mintBox',
      'startBox',
      'finishOperation',
    ],
    about: 'running',
    state: 'compensated',
    status: 'online',
    boxes: 1,
    events: [...thereAndBack, 'WORKSPACE_ONLINE'],
  },
];
