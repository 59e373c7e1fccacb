import type { ProviderName } from '../provider/port.ts';
import { mountDataDisk } from './data-disk.ts';

/** Where a box fetches what it is to be, and with what. */
export interface BootAddress {
  readonly url: string;
  readonly nonce: string;
  /** The cloud that gives it a disk which outlives it; null when it gets none. */
  readonly diskOf: ProviderName | null;
}

/**
 * What the cloud hands to the machine. Whoever can read it learns a nonce that has worked once: the environment is
 * fetched, goes from a file in memory to the container, and is nowhere else. Some clouds run it at every boot: the second
 * time there is a container already, which comes back by itself.
 */
export const userData = ({ url, nonce, diskOf }: BootAddress): string => `#!/bin/sh
set -u
BOOT_URL='${url}'
BOOT_NONCE='${nonce}'
docker container inspect holdfast > /dev/null 2>&1 && exit 0
umask 077
mkdir -p /run/holdfast /var/lib/holdfast
exec 2>> /run/holdfast/boot.log
fail() {
  echo "holdfast: boot failed: $1" | tee -a /run/holdfast/boot.log > /dev/console
  tail -c 8192 /run/holdfast/boot.log | curl -sS --max-time 20 -H "X-Holdfast-Nonce: $BOOT_NONCE" --data-binary @- "$BOOT_URL/failed"
  exit 1
}
${diskOf ? mountDataDisk(diskOf) : ''}
mkdir -p /var/lib/holdfast/configs /var/lib/holdfast/work
curl -sS --fail --max-time 30 --retry 20 --retry-connrefused --retry-delay 3 -X POST \\
  -H "X-Holdfast-Nonce: $BOOT_NONCE" -H 'Accept: text/x-shellscript' -o /run/holdfast/box "$BOOT_URL" \\
  || fail 'the environment could not be fetched'
. /run/holdfast/box
rm -f /run/holdfast/box
set --
for name in $HOLDFAST_NAMES; do set -- "$@" --env "$name"; done
docker run --detach --name holdfast --init --restart unless-stopped --publish 8000:8000 \\
  --volume /var/lib/holdfast/configs:/configs --volume /var/lib/holdfast/work:/workspace \\
  "$@" "$HOLDFAST_IMAGE" >&2 || fail 'the agent could not be started'
`;
