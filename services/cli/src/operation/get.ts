import type { Handler } from '../command/action.ts';
import { type Column, table } from '../terminal/table.ts';
import { between, duration } from '../terminal/time.ts';
import { operationCard } from './card.ts';
import type { StepView } from './follow.ts';

const columns = (from: string): Column<StepView>[] => [
  { title: 'AT', text: ({ at }) => `+${duration(between(from, at) ?? 0)}`, align: 'right' },
  { title: 'CYCLE', text: ({ cycle }) => (cycle > 1 ? String(cycle) : ''), align: 'right', optional: true },
  { title: 'STEP', text: ({ step }) => step },
  {
    title: 'STATE',
    text: ({ state }) => state,
    style: ({ state }) => (state === 'failed' ? 'red' : state === 'done' ? 'green' : 'cyan'),
  },
  { title: 'DETAIL', text: ({ detail }) => detail ?? '', least: 10, optional: true },
];

/** `operation get`. */
export const getOperation: Handler<[id: string], object> = async ({ api, args, output }) => {
  const operation = await api.call('GET /operations/{id}', { path: { id: args[0] } });
  output.result({
    json: () => operation,
    quiet: () => [operation.id],
    people: (paint, width) => [
      ...operationCard(operation, paint),
      '',
      ...table(operation.steps, columns(operation.accepted_at), { columns: width, paint }),
    ],
  });
};
