import { Command } from 'commander';
import { Api } from '../api/api.ts';
import type { Action, Handler } from '../command/action.ts';
import { Failure } from '../failure/failure.ts';
import type { Paint } from '../terminal/paint.ts';
import { padEnd, printable } from '../terminal/text.ts';
import { type Check, failed } from './check.ts';
import { checkCredential } from './credential-check.ts';
import { checkGateway, checkVersion } from './gateway-check.ts';
import { checkBackends, checkBoxes, checkLoops, checkReady } from './parts-check.ts';
import { checkSettings } from './settings-check.ts';

const ANSWER_MS = 5_000;
const NAME_WIDTH = 10;

/** `doctor`: looks at everything a request passes on its way, and says how to mend what is wrong. */
const examine: Handler<[], object> = async ({ api, settings, output, world }) => {
  // The doctor wants to see the trouble, not to sit it out.
  const impatient = new Api({
    ...api.transport,
    timing: { ...api.transport.timing, answerMs: ANSWER_MS, retryMs: [] },
  });
  const checks = checkSettings(settings);
  const gateway = await checkGateway(impatient.transport);
  checks.push(...gateway);
  if (!gateway.some(({ state }) => state === 'failed'))
    checks.push(...(await behind(impatient, settings.token?.from, world.version)));
  const first = checks.find(({ state }) => state === 'failed');
  output.result({
    json: () => ({
      ok: first === undefined,
      version: world.version,
      checks: checks.map(({ name, state, says, fix }) => ({ name, state, says, fix: fix ?? null })),
    }),
    quiet: () => checks.filter(({ state }) => state === 'failed').map(({ name }) => name),
    people: (paint) => checks.flatMap((check) => checkLines(check, paint)),
  });
  return first?.exit ?? 'ok';
};

/** What is looked at once the gateway answers. One look that fails does not hide the others. */
async function behind(api: Api, tokenFrom: string | undefined, version: string): Promise<Check[]> {
  const checks: Check[] = [];
  const look = async (name: string, check: () => Promise<Check | readonly Check[]>): Promise<void> => {
    checks.push(...[await check().catch((error: unknown) => asCheck(name, error))].flat());
  };
  await look('version', () => checkVersion(api.transport, version));
  let isOperator = false;
  if (tokenFrom === undefined) {
    checks.push(
      failed('credential', 'none is set', 'set HOLDFAST_TOKEN, HOLDFAST_TOKEN_FILE or --token-file', 'unauthorised'),
    );
  } else {
    await look('credential', async () => {
      const { check, tier } = await checkCredential(api, tokenFrom);
      isOperator = tier === 'operator';
      return check;
    });
  }
  await look('database', async () => {
    const { checks: ready, backends } = await checkReady(api);
    return [
      ...ready,
      await checkBackends(api, backends, isOperator).catch((error: unknown) => asCheck('backends', error)),
    ];
  });
  if (!isOperator) return checks;
  await look('loops', () => checkLoops(api));
  await look('boxes', () => checkBoxes(api));
  return checks;
}

function asCheck(name: string, error: unknown): Check {
  if (!(error instanceof Failure) || error.exit === 'interrupted') throw error;
  return failed(name, error.message, error.detail.next ?? 'look at the log of the gateway', error.exit);
}

const marks = { ok: ['green', '✓'], warning: ['yellow', '!'], failed: ['red', '✗'] } as const;

function checkLines({ name, state, says, fix }: Check, paint: Paint): string[] {
  const [style, mark] = marks[state];
  const line = `${paint(style, mark)} ${padEnd(name, NAME_WIDTH)}  ${printable(says)}`;
  return fix === undefined ? [line] : [line, `  ${' '.repeat(NAME_WIDTH)}  ${paint('cyan', 'try:')} ${printable(fix)}`];
}

/** `holdfast doctor`. */
export const doctorCommand = (action: Action): Command =>
  new Command('doctor')
    .summary('Look at the way to the gateway and behind it, and say how to mend it.')
    .description(
      'Looks at address, credential, gateway, database, Temporal, backends, loops and clocks. Whatever is wrong comes with its fix.',
    )
    .addHelpText('after', '\nExample:\n  holdfast doctor')
    .action(action(examine));
