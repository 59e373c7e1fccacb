import { bringUp, failed, online, paused, provisioning, settle, type Story } from './crash-story.ts';

/** How a bring-up begins: what is asked for, of which workspace, with which events behind it. */
const bringUps = [
  { kind: 'provision', before: 'new', asks: [], past: [] },
  { kind: 'restart', before: 'online', asks: ['restart'], past: [...online, provisioning] },
  { kind: 'resume', before: 'paused', asks: ['resume'], past: [...online, paused, provisioning] },
  { kind: 'wake', before: 'hibernated', asks: ['wake'], past: [...online, 'WORKSPACE_HIBERNATED', provisioning] },
] as const satisfies readonly (Pick<Story, 'kind' | 'before' | 'asks'> & { past: readonly string[] })[];

/** Every verb that ends with an agent online: as it should go, refused, and with a box that cannot be stopped in time. */
export const bringUpStories = bringUps.flatMap(({ kind, before, asks, past }): Story[] => {
  const first = kind === 'provision' ? [provisioning] : past;
  const hasBox = before === 'online';
  return [
    {
      name: `a ${kind}`,
      kind,
      before,
      asks,
      steps: bringUp(hasBox ? settle : []),
      state: 'succeeded',
      status: 'online',
      boxes: 1,
      events: [...first, 'WORKSPACE_ONLINE'],
    },
    {
      name: `a ${kind} that is refused and undone`,
      kind,
      before,
      asks,
      steps: ['startBox', ...settle, 'finishOperation'],
      refusedStart: true,
      state: 'failed',
      status: 'failed',
      boxes: 0,
      events: [...first, failed],
    },
    {
      name: `a ${kind} with a box to stop on a host that is away`,
      kind,
      before,
      asks,
      steps: ['beginSettle', 'oweBoxes', 'mintBox', 'finishOperation'],
      hostAway: true,
      state: 'succeeded',
      status: 'online',
      boxes: 1,
      events: [...first, 'WORKSPACE_ONLINE'],
    },
  ];
});
