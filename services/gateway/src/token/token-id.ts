import { Refusal } from '@holdfast/activities/failure/refusal';
import { isUuid } from '../http/request-ids.ts';

/** The id in a path. @throws Refusal NOT_FOUND for what no token can be called */
export function asTokenId(text: string): string {
  if (!isUuid(text)) throw new Refusal('NOT_FOUND', 'token not found or already revoked');
  return text.toLowerCase();
}
