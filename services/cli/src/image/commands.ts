import { Command } from 'commander';
import type { Answer } from '../api/api.ts';
import type { Action, Handler } from '../command/action.ts';
import type { Exit } from '../exit/exit-codes.ts';
import { Failure } from '../failure/failure.ts';
import { type DryRunOption, dryRunFlag, dryRunQuery, type Plan, toldPlan } from '../plan/plan.ts';
import { fields } from '../terminal/fields.ts';
import { LiveLine } from '../terminal/live-line.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/text.ts';

type Refreshed = Exclude<Answer<'POST /admin/workspace-images/refresh'>, Plan>;

interface RefreshOptions extends DryRunOption {
  readonly runtime?: string;
  readonly recreate: boolean;
}

const refresh: Handler<[], RefreshOptions> = async ({ api, options, output, terminal }): Promise<Exit | void> => {
  const live = new LiveLine(terminal.err);
  if (output.mode === 'people' && !options.dryRun) live.show('pulling images');
  const answer = await api
    .call('POST /admin/workspace-images/refresh', {
      query: {
        ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
        ...(options.recreate ? {} : { recreate: 'false' }),
        ...dryRunQuery(options.dryRun),
      },
    })
    .catch(withoutEngine)
    .finally(() => live.stop());
  if (toldPlan(output, answer, options, 'images refresh')) return;
  output.result({
    json: () => answer,
    quiet: () => answer.pulled,
    people: (paint) => refreshedLines(answer, paint),
  });
  return answer.failed.length === 0 ? 'ok' : 'failure';
};

/** The gateway has this route only where some host has an engine; its advice is about addresses. */
function withoutEngine(error: unknown): never {
  if (!(error instanceof Failure) || error.exit !== 'notFound') throw error;
  throw new Failure('notFound', 'No host has a Docker engine: there are no images to refresh.', {
    ...error.detail,
    next: 'holdfast doctor lists what each host serves',
  });
}

function refreshedLines({ pulled, failed, recreated }: Refreshed, paint: Paint): string[] {
  const names = (list: readonly string[]): string => list.map(printable).join(', ');
  const lines = fields(
    [
      ['pulled', paint('green', names(pulled))],
      ['failed', paint('red', names(failed))],
      ['recreated', names(recreated)],
    ].filter(([, text]) => text !== '') as [string, string][],
    paint,
  );
  if (failed.length > 0) lines.push('holdfast doctor shows the hosts that are away.');
  return lines.length === 0 ? ['No image was pulled.'] : lines;
}

/** `holdfast images …`. */
export function imageCommands(action: Action): Command {
  const images = new Command('images').alias('image').description('See to the images that boxes are made from.');
  images
    .command('refresh')
    .description('Pulls the images of the runtimes anew, and replaces the boxes that run an older one.')
    .option('--runtime <name>', 'only of this runtime')
    .option('--no-recreate', 'leave the running boxes as they are')
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nIt ends with 1 when an image could not be pulled on every host.\n\nExamples:\n  holdfast images refresh\n  holdfast images refresh --runtime reference --no-recreate\n  holdfast images refresh --dry-run',
    )
    .action(action(refresh));
  return images;
}
