import type { Findings } from '../findings.ts';
import type { PropertyRecord } from '../record.ts';

const RULE = 'everything is in its cloud';

/** Once nothing moves, every machine is in the cloud that its ledger row names, and that is where its workspace is to be. */
export function everythingIsInItsCloud({ boxes, real, workspaces }: PropertyRecord, findings: Findings): void {
  const ledger = new Map(boxes.map((box) => [box.id, box]));
  const machines = new Set<string>();
  for (const { boxId, provider } of real) {
    if (provider === undefined) continue;
    if (machines.has(boxId)) findings.violates(RULE, `box ${boxId} has two machines`);
    machines.add(boxId);
    const named = ledger.get(boxId)?.provider ?? null;
    if (named !== provider) findings.violates(RULE, `box ${boxId} is in ${provider}, and its row says ${named}`);
  }
  for (const { id, boxId, provider } of workspaces) {
    const current = boxId === null ? null : (ledger.get(boxId)?.provider ?? null);
    if (current !== null && current !== provider)
      findings.violates(RULE, `workspace ${id} is to be in ${provider}, and its box is in ${current}`);
  }
}
