import { join } from 'node:path'
import { switchWal } from '../database-node.ts'
import type { Fault } from '../fault.ts'
import { mountSmallDisk } from '../small-disk-node.ts'

const FULL_MS_MIN = 500
const FULL_MS_MAX = 3000
// A segment of the log has 16 MB: the next one does not fit.
const DISK_MEGABYTES = 1

/**
 * PostgreSQL panics for want of space, as on any full disk, and cannot start before the small disk is gone: its log, with
 * everything that was committed, lies under it, and without a checkpoint it writes nothing.
 */
export const fillDisk: Fault = {
  name: 'fill-disk',
  faultClass: 'store',
  sentence:
    'the write-ahead log of PostgreSQL finds its disk full (a tmpfs of 1 MB mounted over pg_wal) for 0.5 to 3 s',
  weight: 1,
  gapMsMax: 10_000,
  needs: 'root',
  async inject(stage) {
    const { running, dice } = stage
    const { cluster } = running
    const faultMs = dice.spread(FULL_MS_MIN, FULL_MS_MAX)
    const unmount = await mountSmallDisk(join(cluster.dataDir, 'postgres', 'pg_wal'), DISK_MEGABYTES)
    stage.begins()
    try {
      // Who asks for the next segment is the first to be refused.
      await switchWal(cluster.database).catch(() => {})
      await running.rest(faultMs)
    } finally {
      await unmount()
    }
    return { victim: 'database', faultMs }
  },
}
