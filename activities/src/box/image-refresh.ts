import { failures } from '@holdfast/workflows/failure/failures';
import type { Refreshed, RefreshOrder } from '@holdfast/workflows/loop/images';
import { rowByRow } from '../loop/row-by-row.ts';
import type { Poker } from '../operation/poker.ts';
import { lockUnderAncestors } from '../workspace/guards.ts';
import { requestRestartAfter } from '../workspace/request-restart.ts';
import type { BoxContext } from './box-context.ts';
import type { BoxImages, ImageUser } from './images.ts';

/** How long all pulls of one refresh may take, in milliseconds. */
const PULLS_LIMIT_MS = 300_000;

/** What a host without images answers. */
const nothingRefreshed: Refreshed = { pulled: [], failed: [], recreated: [] };

/**
 * Pulls the images of runtimes on this host, one after the other, and restarts the workspaces whose box was made from
 * another one of the same name. A box is not removed here: the restart replaces it, with everything that belongs to it.
 */
export async function refreshImages(
  context: BoxContext,
  poker: Pick<Poker, 'poke'>,
  order: RefreshOrder,
  limitMs: number = PULLS_LIMIT_MS,
): Promise<Refreshed> {
  const images = context.dispatcher.backends.find((backend) => backend.images)?.images;
  if (!images) return nothingRefreshed;
  const { runtimes } = context.settings;
  const asked = order.runtimes ?? runtimes.names;
  const imageOf = new Map(
    asked.flatMap((name) => (runtimes.names.includes(name) ? [[name, runtimes.find(name).image]] : [])),
  );
  const fresh = await pullAll(context, images, new Set(imageOf.values()), limitMs);
  const isPulled = (name: string): boolean => fresh.has(imageOf.get(name) ?? '');
  const done = { pulled: asked.filter(isPulled), failed: asked.filter((name) => !isPulled(name)) };
  if (!order.recreate || fresh.size === 0) return { ...done, recreated: [] };
  try {
    const users = await images.users();
    return { ...done, recreated: await restartOutdated({ context, poker, images, users, fresh, actor: order.actor }) };
  } catch (error) {
    context.log.warn({ cause: String(error) }, 'the boxes could not be listed to restart those with an older image');
    return { ...done, recreated: [], error: failures.IMAGE_REFRESH_FAILED.says };
  }
}

/** @returns what the engine has now, by the name of each image that was pulled */
async function pullAll(
  { log }: BoxContext,
  images: BoxImages,
  names: ReadonlySet<string>,
  limitMs: number,
): Promise<Map<string, string>> {
  const limit = AbortSignal.timeout(limitMs);
  const fresh = new Map<string, string>();
  for (const image of names) {
    try {
      limit.throwIfAborted();
      await images.pull(image, limit);
      const id = await images.idOf(image);
      if (id !== null) fresh.set(image, id);
    } catch (error) {
      log.warn({ image, cause: String(error) }, 'an image was not pulled');
    }
  }
  return fresh;
}

interface Recreation {
  readonly context: BoxContext;
  readonly poker: Pick<Poker, 'poke'>;
  readonly images: BoxImages;
  readonly users: readonly ImageUser[];
  readonly fresh: ReadonlyMap<string, string>;
  readonly actor: string;
}

/** @returns the names of the containers that are replaced */
async function restartOutdated(recreation: Recreation): Promise<string[]> {
  const { context, poker, images, users, fresh, actor } = recreation;
  const outdated = new Map<string, ImageUser>();
  for (const user of users) {
    const used = await images.usedBy(user.externalId).catch((error: unknown) => {
      context.log.warn({ box: user.boxId, cause: String(error) }, 'a box could not be looked at; it stays as it is');
      return null;
    });
    const now = used && fresh.get(used.image);
    if (now && now !== used.imageId) outdated.set(user.workspaceId, user);
  }
  const recreated: string[] = [];
  await rowByRow({ ...context, poker }, 'image-refresh', [...outdated.keys()], ['restarted'], async (tx, id) => {
    const user = outdated.get(id);
    const workspace = await lockUnderAncestors(tx, id);
    // A box that is being replaced gets the new image by itself.
    if (!user || workspace?.box_id !== user.boxId) return null;
    const restart = await requestRestartAfter(tx, {
      workspaceId: id,
      actor,
      reason: 'image refreshed',
      cause: 'change',
    });
    if (!restart) return null;
    recreated.push(user.name);
    return { as: 'restarted', poke: true };
  });
  return recreated;
}
