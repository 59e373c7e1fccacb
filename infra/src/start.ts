import { StartFailure } from './failure.ts';
import { readConfig } from './launcher/config.ts';
import type { FirstWorkspace } from './launcher/first-workspace.ts';
import { Launcher } from './launcher/launcher.ts';
import { Report } from './launcher/report.ts';
import { summary } from './launcher/summary.ts';
import { stopAsked } from './process/stop-asked.ts';

// start.ts          brings everything up, shows a workspace online, and stays until Ctrl-C
// start.ts --once   does the same, deletes what it made and ends
// start.ts --dev    builds and starts the services again at every change of their sources
const usage = 'usage: npm start [-- --once]';
const flags = process.argv.slice(2);
const isOnce = flags.includes('--once');
const report = new Report();

async function main(): Promise<void> {
  const unknown = flags.find((flag) => flag !== '--once' && flag !== '--dev');
  if (unknown !== undefined) throw new StartFailure(`There is no flag ${unknown} (${usage}).`);
  const launcher = new Launcher(readConfig(), report, { isDev: flags.includes('--dev') });
  const asked = stopAsked();
  void asked.then(() => launcher.stop());
  try {
    const running = await launcher.start();
    const stay = async (first?: FirstWorkspace) => {
      report.line(summary(running, first));
      if (isOnce) return;
      report.line('Ctrl-C stops all of it; the data stays in .data.');
      await asked;
    };
    // A machine in a cloud costs money: none is made that nobody asked for.
    if (running.boxes === 'none' || running.boxes === 'control-plane') await stay();
    else await launcher.withFirstWorkspace(running, { keep: !isOnce }, stay);
  } catch (error) {
    // What fails because it is being stopped is no failure.
    if (!launcher.isStopping) throw error;
  } finally {
    if (launcher.hasBegun) await report.step('Stopping', () => launcher.stop());
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const { message, stack } = error as Error;
  console.error(error instanceof StartFailure ? `\n${message}` : stack);
  process.exit(1);
}
