import { cyclesOf } from '../operation/outcome.ts';
import type { OperationView } from '../operation/state-style.ts';
import { fields } from '../terminal/fields.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable, printableLines } from '../terminal/text.ts';
import { between, duration } from '../terminal/time.ts';
import type { Answer } from '../api/api.ts';
import type { CreatedWorkspace } from '../api/generated/routes.ts';
import { paintedStatus } from './card.ts';

/** What the gateway answers to a create. */
export type Created = CreatedWorkspace;

/** What a person learns of a workspace that was just made; for an external agent, how to connect it. */
export function createdLines(
  { id, status, operation_id: operation, connection }: Created,
  name: string,
  paint: Paint,
): string[] {
  const lines = fields(
    [
      ['name', paint('bold', printable(name))],
      ['id', id],
      ['status', paintedStatus(status, paint)],
      ['operation', operation],
      ['token', connection?.auth_token === '' ? undefined : connection?.auth_token],
    ],
    paint,
  );
  if (!connection) return lines;
  return [
    ...lines,
    '',
    paint('yellow', 'The token is shown this once. Its agent connects with:'),
    '',
    printableLines(connection.curl_register_template.trimEnd()),
  ];
}

/** The last line of a wait that ended well. */
export function onlineLine(
  workspace: Answer<'GET /workspaces/{id}'>,
  operation: OperationView | undefined,
  paint: Paint,
): string {
  const took = between(operation?.accepted_at, operation?.ended_at);
  const facts = [
    took === undefined ? undefined : `after ${duration(took)}`,
    operation && cyclesOf(operation),
    printable(workspace.url),
  ];
  return [paintedStatus(workspace.status, paint), ...facts.filter((fact) => fact !== undefined && fact !== '')].join(
    '  ',
  );
}
