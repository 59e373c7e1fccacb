import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { Logger } from 'pino';
import type { InstanceRow } from '../instance/instance-row.ts';
import { tail } from '../instance/tail.ts';
import type { Loop } from '../loop/supervise.ts';
import type { Organisations } from '../organisation/organisations.ts';
import type { Provider } from '../provider/port.ts';
import type { Providers } from '../provider/registry.ts';
import { judgeBoot } from './judge-boot.ts';
import { reportBootFailure } from './report.ts';
import type { CrashedRow, WatchedRow, WatchRows } from './watch-rows.ts';

export interface WatcherParts {
  readonly rows: WatchRows;
  readonly providers: Providers;
  readonly organisations: Organisations;
  readonly cipher: Cipher;
  readonly log: Logger;
  readonly everyMs: number;
  readonly visibleMs: number;
  readonly reportMs: number;
  /** Before the second report; it doubles from there. */
  readonly reportAgainMs: number;
  readonly mostReports: number;
}

const AT_ONCE = 20;
/** What platforms keep of a console. */
const LOG_BYTES = 8_192;
/** What the first program of a machine says before it gives up. */
const FAILED_MARK = 'holdfast: boot failed: ';

/** Watches machines while they boot, and tells their platform of those that will not come up: each of them once. */
export function bootWatcher(parts: WatcherParts): Loop {
  const { rows, providers, organisations, cipher, log, everyMs } = parts;

  const look = async (row: WatchedRow): Promise<void> => {
    const provider = await providers.get(row.provider);
    const instance = await provider.describe(row.instance_id ?? '');
    const kept = row.crash_log === null ? '' : cipher.open(row.crash_log);
    const text = tail(await consoleOf(provider, row), LOG_BYTES) || kept;
    const said = text.split('\n').find((line) => line.includes(FAILED_MARK));
    const verdict = said
      ? { crashed: said.slice(said.indexOf(FAILED_MARK) + FAILED_MARK.length).trim() }
      : judgeBoot({
          instance,
          bootingMs: row.booting_ms,
          bootMs: row.boot_ms,
          visibleMs: parts.visibleMs,
          hasFetched: row.fetched_at !== null,
        });
    if (verdict === 'over') await rows.done(row, 'over');
    if (typeof verdict === 'object') await rows.noteCrash(row, verdict.crashed, cipher.seal(text));
    if (verdict === 'wait' && text !== kept) await rows.keepConsole(row, cipher.seal(text));
  };

  /** What cannot be read is not shown; whether the machine lives does not depend on it. */
  const consoleOf = async (provider: Provider, row: InstanceRow): Promise<string> => {
    if (!provider.capabilities.console) return '';
    try {
      return await provider.console(row.instance_id ?? '');
    } catch {
      return '';
    }
  };

  const report = async (row: CrashedRow): Promise<void> => {
    const organisation = organisations.byId(row.org_id);
    if (!organisation) return await rows.done(row, 'unreported');
    const failure = {
      workspaceId: row.workspace_id,
      boxId: row.box_id,
      error: `bootstrap failed: ${row.crash_error}`,
      logTail: row.crash_log === null ? '' : cipher.open(row.crash_log),
    };
    const outcome = await reportBootFailure(organisation, failure, parts.reportMs);
    const about = { boxId: row.box_id, workspaceId: row.workspace_id, error: row.crash_error };
    if (outcome === 'taken') {
      await rows.done(row, 'reported');
      return log.info(about, 'a failed boot was reported');
    }
    if (outcome === 'refused' || row.report_attempts + 1 >= parts.mostReports) {
      await rows.done(row, 'unreported');
      return log.error({ ...about, outcome }, 'a failed boot could not be reported');
    }
    await rows.tryLater(row, parts.reportAgainMs * 2 ** row.report_attempts);
  };

  const each = async <T extends InstanceRow>(taken: readonly T[], work: (row: T) => Promise<void>): Promise<void> => {
    const results = await Promise.allSettled(taken.map(work));
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') {
        log.warn({ err: result.reason, boxId: taken[index]?.box_id }, 'a booting machine could not be looked at');
      }
    }
  };

  return {
    name: 'boot-watcher',
    everyMs,
    async tick() {
      await each(await rows.booting(AT_ONCE, everyMs), look);
      await each(await rows.crashed(AT_ONCE, parts.reportMs * 2), report);
    },
  };
}
