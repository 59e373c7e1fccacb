import type { Answer } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { type Column, table } from '../terminal/table.ts';
import { count, printable } from '../terminal/text.ts';
import { age, duration } from '../terminal/time.ts';
import { workspaceId } from '../workspace/reference.ts';

type BoxView = Answer<'GET /boxes'>[number];
export type BoxState = BoxView['state'];

const styles: Readonly<Record<BoxState, Style>> = {
  creating: 'cyan',
  running: 'green',
  stopping: 'yellow',
  owed: 'red',
  gone: 'dim',
};
export const boxStates = Object.keys(styles) as readonly BoxState[];

export interface ListOptions {
  readonly state?: BoxState;
  readonly limit?: number;
}

/** `boxes list`. */
export const listBoxes: Handler<[reference: string | undefined], ListOptions> = async (session) => {
  const { api, args, options, output } = session;
  const [reference] = args;
  const boxes = await api.call('GET /boxes', {
    query: {
      ...(reference === undefined ? {} : { workspace_id: await workspaceId(session, reference) }),
      ...(options.state === undefined ? {} : { state: options.state }),
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    },
  });
  const now = Date.now();
  output.result({
    json: () => boxes,
    quiet: () => boxes.map(({ id }) => id),
    people: (paint, width) => {
      if (boxes.length === 0) return [`No boxes${options.state === undefined ? '' : ` are ${options.state}`}.`];
      const owed = boxes.filter(({ state }) => state === 'owed');
      return [
        ...table(boxes, columns(now), { columns: width, paint }),
        ...owed.flatMap((box) => owedLines(box, paint, now)),
      ];
    },
  });
};

const columns = (now: number): Column<BoxView>[] => [
  { title: 'BOX', text: ({ id }) => id },
  { title: 'WORKSPACE', text: ({ workspace_name: name, workspace_id: id }) => name ?? id, least: 9 },
  { title: 'STATE', text: ({ state }) => state, style: ({ state }) => styles[state] },
  { title: 'AGENT', text: agentOf },
  { title: 'AGE', text: ({ created_at: at }) => age(at, now), align: 'right' },
  {
    title: 'BACKEND',
    text: ({ backend, provider }) => (provider === null ? backend : `${backend}/${provider}`),
    spare: true,
  },
  { title: 'HOST', text: ({ host }) => host, spare: true },
];

/** What is known of the agent in a box. */
function agentOf({ registered_at: at, state, current }: BoxView): string {
  if (at === null) return state === 'creating' || state === 'running' ? 'not yet' : 'never came';
  return current ? 'registered' : 'was replaced';
}

/** Why a box is still to be stopped, when it is tried next, and what made it so. */
function owedLines(box: BoxView, paint: Paint, now: number): string[] {
  const next = box.next_attempt_at === null ? Number.NaN : Date.parse(box.next_attempt_at) - now;
  const tries = `${count(box.attempts, 'try', 'tries')} so far${Number.isNaN(next) ? '' : next > 0 ? `, the next in ${duration(next)}` : ', the next one now'}`;
  return [
    '',
    `${paint('red', 'owed')} ${box.id}: ${printable(box.owed_reason ?? 'not known to be stopped')}`,
    `  ${paint('dim', tries)}`,
    ...box.operations.map(
      ({ id, kind, state, made_it: made, accepted_at: at }) =>
        `  ${made ? 'made by' : 'touched by'} ${kind} ${id}, ${state}, ${age(at, now)} ago`,
    ),
  ];
}
