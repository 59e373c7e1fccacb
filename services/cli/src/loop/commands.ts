import { Command } from 'commander';
import type { Answer } from '../api/api.ts';
import type { Action, Handler } from '../command/action.ts';
import type { Exit } from '../exit/exit-codes.ts';
import { type Column, table } from '../terminal/table.ts';
import { facts } from '../terminal/facts.ts';
import { age } from '../terminal/time.ts';

type Loops = Answer<'GET /admin/liveness'>['subsystems'];
type Loop = Loops[string] & { readonly name: string };

const SECOND_MS = 1_000;

const showLoops: Handler<[], object> = async ({ api, output }): Promise<Exit | void> => {
  const liveness = await api.call('GET /admin/liveness', {});
  const loops = Object.entries(liveness.subsystems)
    .map(([name, loop]) => ({ name, ...loop }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  output.result({
    json: () => liveness,
    quiet: () => loops.filter(({ stale }) => stale).map(({ name }) => name),
    people: (paint, width) =>
      loops.length === 0
        ? ['No loop has ever gone round: start a worker.']
        : table(loops, columns, { columns: width, paint }),
  });
  return loops.length === 0 || loops.some(({ stale }) => stale) ? 'failure' : 'ok';
};

/** By the clock of the gateway: the one here may be another. */
const ageOf = ({ last_tick_at: at, seconds_ago: ago }: Loop): string => age(at, Date.parse(at) + ago * SECOND_MS);

/** What its last tick did. Mostly there was nothing to do, which is not worth a word. */
const didOf = (detail: Loop['detail']): string =>
  facts(Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== 0)));

const columns: readonly Column<Loop>[] = [
  { title: 'LOOP', text: ({ name }) => name, style: ({ stale }) => (stale ? 'red' : 'bold'), least: 12 },
  {
    title: 'STATE',
    text: ({ stale }) => (stale ? 'late' : 'goes round'),
    style: ({ stale }) => (stale ? 'red' : 'green'),
  },
  { title: 'AGE', text: ageOf, align: 'right' },
  { title: 'DID', text: ({ detail }) => didOf(detail), least: 30, optional: true, spare: true },
  { title: 'LAST TICK', text: ({ last_tick_at: at }) => at, spare: true },
];

/** `holdfast loops`. */
export const loopsCommand = (action: Action): Command =>
  new Command('loops')
    .summary('Show whether the loops go round that mend things by themselves.')
    .description(
      'Shows the loops that mend things by themselves: when each went round last, and whether that is too long ago.',
    )
    .addHelpText('after', '\nIt ends with 1 when one is late.\n\nExample:\n  holdfast loops')
    .action(action(showLoops));
