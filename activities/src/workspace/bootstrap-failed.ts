import { Prisma, type Tx } from '@holdfast/prisma';
import { failures } from '@holdfast/workflows/failure/failures';
import { recordEvent } from '../event/event-records.ts';
import { changeStatus } from './status-change.ts';

/** What is said of a box whose agent crashed before it could register. */
export interface BootstrapFailure {
  readonly workspaceId: string;
  readonly error: string;
  /** The last lines of its console. */
  readonly logTail: string;
  /** The box it is about, where the reporter knows it. */
  readonly boxId: string | null;
}

/** How much of a console is kept, in bytes of UTF-8. */
const MOST_BYTES = 8_192;

/**
 * Fails a bring-up whose box is known to have crashed, long before its deadline.
 * @returns whether it changed anything: a report about a workspace that has come up, or of a box that is not the one
 *   being brought up, is none of its business any more
 */
export async function reportBootstrapFailure(tx: Tx, report: BootstrapFailure): Promise<boolean> {
  if (!(await lockReported(tx, report))) return false;
  const error = report.error.trim() || failures.BOOT_FAILED.says;
  const logTail = lastBytes(report.logTail);
  const text = firstBytes(logTail === '' ? error : `${error}\n\n${logTail}`);
  const { workspaceId } = report;
  if (!(await changeStatus(tx, workspaceId, 'bootstrapFailed', Prisma.sql`, last_sample_error = ${text}`)))
    return false;
  await recordEvent(tx, {
    workspaceId,
    type: 'WORKSPACE_PROVISION_FAILED',
    payload: { error, log_tail: logTail, source: 'bootstrap_watcher' },
  });
  return true;
}

/**
 * Locks the row if the report counts: nobody brings it up, or the current box is one of the bring-up under way. Between
 * the request of a restart and its first step the current box is still the old one, whose end is no failure.
 */
async function lockReported(tx: Tx, { workspaceId, boxId }: BootstrapFailure): Promise<boolean> {
  const about = boxId === null ? Prisma.empty : Prisma.sql`AND box_id = ${boxId}::uuid`;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM workspaces WHERE id = ${workspaceId}::uuid
      AND (operation_id IS NULL OR operation_id = box_operation_id) ${about} FOR NO KEY UPDATE`;
  return rows.length > 0;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The end of a text that is too long, from the first whole character on. */
function lastBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MOST_BYTES) return text;
  let from = bytes.length - MOST_BYTES;
  while (isContinuation(bytes[from])) from += 1;
  return `...(truncated)...\n${bytes.subarray(from).toString('utf8')}`;
}

/** As much of a text as fits, to the last whole character. */
function firstBytes(text: string): string {
  const bytes = Buffer.from(text);
  let to = Math.min(bytes.length, MOST_BYTES);
  while (isContinuation(bytes[to])) to -= 1;
  return bytes.subarray(0, to).toString('utf8');
}
