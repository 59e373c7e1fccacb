import type { ProviderName } from '../provider/port.ts';

const TRIES = 60;

const named = (pattern: string): string => `ls -d /dev/disk/by-id/${pattern} 2> /dev/null | head -n 1`;

/**
 * Prints where the disk of the workspace is, by the name that the cloud gave it and by no other. At AWS the first free
 * NVMe disk may be an instance store, which forgets everything; the name of a volume is known there only once the machine
 * runs, so that it is the one volume without partitions: the machine started from one that has some.
 */
const find: Readonly<Record<ProviderName, string>> = {
  aws: `for disk in /dev/sdf /dev/xvdf /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol*; do
    case "$disk" in *-part*) continue ;; esac
    [ -e "$disk" ] || continue
    ls -d "$disk"-part* > /dev/null 2>&1 || { echo "$disk"; return; }
  done`,
  gcp: named('google-holdfast-data'),
  hetzner: named('*HC_Volume_*'),
};

/** Waits for the disk of a workspace, which may come only after the machine has started, and puts it in its place. */
export const mountDataDisk = (provider: ProviderName): string => `
disk() {
  ${find[provider]}
}
tries=${TRIES}
while [ -z "$(disk)" ] && [ "$tries" -gt 0 ]; do tries=$((tries - 1)); sleep 2; done
data=$(disk)
[ -n "$data" ] || fail 'the data disk is not there'
blkid "$data" > /dev/null || mkfs.ext4 -q "$data" >&2 || fail 'the data disk could not be formatted'
echo "$data /var/lib/holdfast ext4 defaults,nofail 0 2" >> /etc/fstab
mount /var/lib/holdfast >&2 || fail 'the data disk could not be mounted'
`;
