/** Who a request comes from, as far as its credential proves it. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'admin' }
  | { readonly kind: 'session'; readonly userId: string }
  | {
      readonly kind: 'org';
      readonly tokenId: string;
      readonly prefix: string;
      readonly orgId: string | null;
      /** When the token ends, of which nobody is told; null: never. */
      readonly expiresAt: Date | null;
    }
  | {
      readonly kind: 'workspace';
      readonly tokenId: string;
      readonly workspaceId: string;
      readonly purpose: 'agent' | 'user';
      /** The box an agent's token belongs to; null is unbound. */
      readonly boxId: string | null;
    };

export const anonymous: Caller = { kind: 'anonymous' };

/** True for the people and scripts that run the installation; never for an agent. */
export const isOperator = (caller: Caller): boolean =>
  caller.kind === 'admin' || caller.kind === 'session' || caller.kind === 'org';

/** Who did it, as rows and tokens record it: the tier that passed, never a header that was merely present. */
export function actorOf(caller: Caller): string {
  switch (caller.kind) {
    case 'admin':
      return 'admin-token';
    case 'org':
      return `org-token:${caller.prefix}`;
    case 'workspace':
      return `workspace:${caller.workspaceId}`;
    case 'session':
    case 'anonymous':
      return caller.kind;
  }
}

/** The same text for the same credential, and nothing of the credential in it: what limits and keys are counted by. */
export function credentialOf(caller: Caller): string | null {
  switch (caller.kind) {
    case 'admin':
      return 'admin';
    case 'session':
      return `session:${caller.userId}`;
    case 'org':
    case 'workspace':
      return `token:${caller.tokenId}`;
    case 'anonymous':
      return null;
  }
}
