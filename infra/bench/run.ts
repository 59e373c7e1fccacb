import { CannotMeasure, type Figure } from './figure.ts';
import { busyShare, describeMachine } from './machine.ts';
import { readOptions, usage } from './options.ts';
import { markdown } from './markdown.ts';
import { type Measured, json, table } from './report.ts';
import { type Stage, startStage } from './stage.ts';

// Measures on real parts and prints every figure beside its comparison of the same run. Ends with 0 unless something
// breaks: a slow machine is no failure.

const printed = { table, json, markdown };
const BUSY_MS = 1_000;
const begun = performance.now();
const tell = (what: string): void => {
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0).padStart(3);
  process.stderr.write(`[${seconds} s] ${what}\n`);
};

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return console.log(usage);
  const { promise: broken, reject: breakOff } = Promise.withResolvers<never>();
  broken.catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => breakOff(new Error('stopped')));
  const stage = await startStage({ tell, onCrash: breakOff, profile: options.profile });
  const measured: Measured[] = [];
  try {
    const machine = await describeMachine(stage);
    try {
      for (const figure of options.figures) measured.push(await measure(figure, stage, options.seconds, broken));
    } finally {
      // What breaks later takes nothing away from what was measured before.
      console.log(printed[options.format]({ machine, seconds: options.seconds, measured }));
    }
  } finally {
    tell('stopping');
    await stage.stop();
  }
}

async function measure(figure: Figure, stage: Stage, seconds: number, broken: Promise<never>): Promise<Measured> {
  tell(`${figure.name}: ${figure.title}`);
  const busyBefore = await busyShare(BUSY_MS);
  const context = { stage, seconds, tell: (what: string) => tell(`${figure.name}: ${what}`) };
  try {
    return { figure, busyBefore, rows: await Promise.race([figure.run(context), broken]) };
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    return { figure, busyBefore, rows: [], skipped: error.message };
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`The bench broke: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
