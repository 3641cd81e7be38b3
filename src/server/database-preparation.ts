import { type Clock, pause } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { DatabaseAway, DatabaseRefused } from '../store/migrations.ts'

export interface DatabasePreparation {
  /** It is checked and migrated already. */
  readonly done: boolean
  /** Resolves once it is. Never rejects: what waiting cannot mend is told by `fatal`. */
  readonly ready: Promise<void>
}

const AGAIN_MS = 1000

/**
 * Checks and migrates the database before a node joins. A node that remembers its cluster (`mayWait`) starts although
 * the database is away: it serves pages and its last configuration, and joins when the database is back. Rejects with
 * `DatabaseRefused` where the operator must act, or where there is nothing to begin with.
 */
export async function prepareDatabase(options: {
  readonly prepare: () => Promise<void>
  readonly mayWait: boolean
  readonly clock: Clock
  readonly log: Log
  readonly fatal: (reason: string) => void
}): Promise<DatabasePreparation> {
  const { prepare, mayWait, log } = options
  try {
    await prepare()
    return { done: true, ready: Promise.resolve() }
  } catch (error) {
    if (!mayWait || !(error instanceof DatabaseAway)) throw error
    log.warn('The database is away; this node starts with what it remembers and joins when the database is back.', {
      error: error.message,
    })
    return { done: false, ready: prepareLater(options) }
  }
}

async function prepareLater({ prepare, clock, log, fatal }: Parameters<typeof prepareDatabase>[0]): Promise<void> {
  for (;;) {
    await pause(clock, AGAIN_MS)
    try {
      await prepare()
      log.decision('database', 'The database is back, checked and migrated; this node joins.')
      return
    } catch (error) {
      if (error instanceof DatabaseRefused && !(error instanceof DatabaseAway)) {
        fatal(error.message)
        return await new Promise(() => {})
      }
      log.debug('The database is still away.', { error })
    }
  }
}
