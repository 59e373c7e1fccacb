/** What a credential proves about the agent that sent it. */
export interface AgentIdentity {
  /** The box it was made for; null is unbound: external agents, and tokens people made. */
  readonly boxId: string | null;
}

/** The columns of a workspace that say whose word counts. */
export interface BoxColumns {
  readonly box_id: string | null;
  readonly box_operation_id: string | null;
  readonly operation_id: string | null;
}

/**
 * Whether a register or beat has any effect: it comes from the current box (an unbound one counts while there is
 * none), and nobody else is changing the workspace. A box that is being replaced can never bring the row online.
 */
export const counts = (row: BoxColumns, agent: AgentIdentity): boolean =>
  row.box_id === agent.boxId && (row.operation_id === null || row.operation_id === row.box_operation_id);
