import type { Organisation } from '../organisation/organisations.ts';

export interface BootFailure {
  readonly workspaceId: string;
  readonly boxId: string;
  readonly error: string;
  readonly logTail: string;
}

/** `refused`: asking again would change nothing. */
export type ReportOutcome = 'taken' | 'refused' | 'unheard';

/** Tells a platform that a box has failed; a repeated report of the same box changes nothing there. */
export async function reportBootFailure(
  organisation: Organisation,
  failure: BootFailure,
  timeoutMs: number,
): Promise<ReportOutcome> {
  const url = `${organisation.platformUrl}/admin/workspaces/${encodeURIComponent(failure.workspaceId)}/bootstrap-failed`;
  try {
    const { status, body } = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${organisation.adminToken}`,
        'content-type': 'application/json',
        'x-molecule-org-id': organisation.id,
      },
      body: JSON.stringify({ error: failure.error, log_tail: failure.logTail, box_id: failure.boxId }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await body?.cancel();
    if (status >= 200 && status < 300) return 'taken';
    return status >= 500 || status === 429 || status === 408 ? 'unheard' : 'refused';
  } catch {
    return 'unheard';
  }
}
