import type { Answer } from '../api/api.ts';
import { fields } from '../terminal/fields.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/text.ts';
import { age, duration } from '../terminal/time.ts';
import { statusStyle, type WorkspaceStatus } from './status-style.ts';

type WorkspaceView = Answer<'GET /workspaces/{id}'>;

const SECOND_MS = 1_000;

/** A status in its colour; also what an answer says in the place of one. */
export function paintedStatus(status: string, paint: Paint): string {
  const style = statusStyle(status as WorkspaceStatus);
  return style ? paint(style, status) : printable(status);
}

/** One workspace, a line for each thing worth knowing. */
export function workspaceCard(workspace: WorkspaceView, paint: Paint, now = Date.now()): string[] {
  const { parent_id: parent, role, url, active_tasks: active, max_concurrent_tasks: most } = workspace;
  return fields(
    [
      ['name', paint('bold', printable(workspace.name))],
      ['id', workspace.id],
      ['status', paintedStatus(workspace.status, paint)],
      ['runtime', printable(workspace.runtime)],
      ['tier', String(workspace.tier)],
      ['role', role === null ? undefined : printable(role)],
      ['parent', parent ?? undefined],
      ['agent', url === '' ? undefined : printable(url)],
      ['tasks', `${active} of ${most}`],
      ['error rate', workspace.last_error_rate > 0 ? `${Math.round(workspace.last_error_rate * 100)} %` : undefined],
      ['up for', workspace.uptime_seconds > 0 ? duration(workspace.uptime_seconds * SECOND_MS) : undefined],
      ['last call', age(workspace.last_outbound_at, now) && `${age(workspace.last_outbound_at, now)} ago`],
    ],
    paint,
  );
}
