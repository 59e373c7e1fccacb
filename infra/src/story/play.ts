import { styleText } from 'node:util';
import type { Act, Played } from './act.ts';
import { holdfast, typed } from './holdfast.ts';
import { cloudLines, look } from './scene.ts';
import type { Stage } from './stage.ts';

const MS_PER_SECOND = 1_000;

/** Plays an act and tells it while it is played. */
export async function play(act: Act, number: number, stage: Stage, tell: (line?: string) => void): Promise<Played> {
  const began = performance.now();
  const command = typed(act.command);
  tell();
  tell(styleText('bold', `${number}. ${act.shows}`));
  tell();
  tell(`   ${styleText('cyan', `$ ${command}`)}`);
  act.before?.(stage);
  const exit = await holdfast(act.command, {
    environment: stage.environment,
    tell: (line) => tell(`   ${line}`.trimEnd()),
  });
  const scene = await look(stage);
  const claims = act.claims(scene).concat({ says: `exit code ${act.exit}`, holds: exit === act.exit });
  const tookMs = Math.round(performance.now() - began);
  tell();
  for (const line of cloudLines(scene)) tell(`   ${line}`);
  tell();
  for (const { says, holds } of claims) tell(`   ${holds ? styleText('green', '✓') : styleText('red', '✗')} ${says}`);
  tell(styleText('dim', `   after ${(tookMs / MS_PER_SECOND).toFixed(1)} s`));
  return { shows: act.shows, command, exit, took_ms: tookMs, clouds: scene.clouds, claims };
}
