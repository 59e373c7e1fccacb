import type { Mode } from '../terminal/output.ts';
import type { Channel } from '../terminal/terminal.ts';
import { printable, printableLines } from '../terminal/text.ts';
import { Failure } from './failure.ts';

/** Says what went wrong, on standard error: the body as it is for programs; the sentence and what to do for people. */
export function report(failure: Failure, err: Channel, mode: Mode): void {
  if (mode === 'json') {
    err.write(`${JSON.stringify(failure.body)}\n`);
    return;
  }
  const { next, body } = failure.detail;
  const code = catalogueCode(failure);
  const named = code === undefined ? '' : ` ${err.paint('dim', `(${printable(code)})`)}`;
  err.write(`${err.paint('red', 'error:')} ${printableLines(failure.message)}${named}\n`);
  for (const line of issueLines(body)) err.write(`  ${line}\n`);
  if (next) err.write(`${err.paint('cyan', 'try:')} ${printable(next)}\n`);
  const requestId = body?.['request_id'];
  if (failure.exit === 'failure' && typeof requestId === 'string')
    err.write(`${err.paint('dim', `request ${printable(requestId)}`)}\n`);
}

/** The code under which docs/errors.md says more; those of the command line itself are for programs. */
function catalogueCode({ detail }: Failure): string | undefined {
  return detail.code !== undefined && /^(?!CLI_|HTTP_)[A-Z_]+$/.test(detail.code) ? detail.code : undefined;
}

/** The mistakes a gateway lists one by one. */
function issueLines(body: Readonly<Record<string, unknown>> | undefined): string[] {
  const issues = body?.['issues'];
  const detail = body?.['detail'];
  const lines = Array.isArray(issues)
    ? issues.map((issue: { path?: string; says?: string }) => printable(`${issue.path ?? ''}: ${issue.says ?? ''}`))
    : [];
  return typeof detail === 'string' ? [...lines, printable(detail)] : lines;
}

/** Anything thrown as the failure it is; what nobody meant keeps its stack out of sight. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('failure', `Something failed that should not have: ${text}`, { code: 'CLI_INTERNAL' });
}
