import { parseArgs } from 'node:util';
import { StartFailure } from '../failure.ts';
import { Report } from '../launcher/report.ts';
import { stopAsked } from '../process/stop-asked.ts';
import type { Played } from './act.ts';
import { acts } from './acts.ts';
import { play } from './play.ts';
import { StageHand } from './stage.ts';

// switch.ts          moves a workspace between clouds through the command line, and says whether all of it was true
// switch.ts --json   the same as one document on standard output; what is told meanwhile goes to standard error
// switch.ts --keep   leaves everything up until Ctrl-C, for a look at the Temporal Web UI
const usage = 'usage: npm run story:switch [-- [--json] [--keep]]';
const INTERRUPTED = 130;

/** @returns whether every claim held */
async function main(): Promise<boolean> {
  const { json, keep } = flags();
  const report = new Report(json ? process.stderr : process.stdout);
  const stageHand = new StageHand(report);
  const interrupted = stopAsked();
  const began = performance.now();
  const played: Played[] = [];
  const show = async (): Promise<void> => {
    const stage = await stageHand.open();
    for (const act of acts) played.push(await play(act, played.length + 1, stage, (line) => report.line(line)));
    if (!keep) return;
    report.line(`\nTemporal: ${stage.webUi}/namespaces/workspaces/workflows\nCtrl-C stops all of it.`);
    await interrupted;
  };
  try {
    await Promise.race([show(), interrupted]);
  } finally {
    report.line();
    await report.step('Stopping', () => stageHand.close());
  }
  if (played.length < acts.length) process.exit(INTERRUPTED);
  const claims = played.flatMap((act) => act.claims);
  const held = claims.filter(({ holds }) => holds).length;
  const tookMs = Math.round(performance.now() - began);
  if (json) console.log(JSON.stringify({ ok: held === claims.length, took_ms: tookMs, acts: played }, null, 2));
  report.line(`${held} of ${claims.length} claims held, after ${(tookMs / 1_000).toFixed(1)} s.`);
  return held === claims.length;
}

function flags(): { json: boolean; keep: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { json: flag, keep: flag } }).values;
  } catch (error) {
    throw new StartFailure(`${(error as Error).message.split('.')[0]} (${usage}).`);
  }
}

try {
  process.exit((await main()) ? 0 : 1);
} catch (error) {
  const { message, stack } = error as Error;
  console.error(error instanceof StartFailure ? `\n${message}` : stack);
  process.exit(1);
}
