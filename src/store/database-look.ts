import type { Clock } from '../base/clock.ts'
import { connectWritable, lookAtSchema } from './migrations.ts'

/** A database as one machine meets it. */
export interface DatabaseLook {
  /** The shortest of a few. */
  readonly roundTripMs: number
  /** Machine minus database: positive where the machine is ahead. */
  readonly clock: { readonly offsetMs: number; readonly uncertaintyMs: number }
  /** Absent before the first start of a cluster on it. */
  readonly schema?: { readonly knows: number; readonly applied: number; readonly breaking?: number }
}

const SAMPLES = 5

/**
 * Asks the writable host of a URL for its time and its schema. Rejects with `DatabaseAway` where there is none. The
 * quickest answer tells the clocks best: it was given somewhere between question and answer (Cristian's algorithm).
 */
export async function lookAtDatabase(url: string, clock: Clock): Promise<DatabaseLook> {
  const client = await connectWritable(url, 'holdfast doctor')
  try {
    let best: Omit<DatabaseLook, 'schema'> | undefined
    for (let sample = 0; sample < SAMPLES; sample++) {
      const [wallMs, askedAtMs] = [clock.wallMs(), clock.monotonicMs()]
      const { rows } = await client.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now')
      const roundTripMs = clock.monotonicMs() - askedAtMs
      if (best && best.roundTripMs <= roundTripMs) continue
      const offsetMs = wallMs + roundTripMs / 2 - Number(rows[0]?.now)
      // The clock of a machine is read in whole milliseconds.
      best = { roundTripMs, clock: { offsetMs, uncertaintyMs: roundTripMs / 2 + 1 } }
    }
    const schema = await lookAtSchema(client)
    return { ...(best as Omit<DatabaseLook, 'schema'>), ...(schema && { schema }) }
  } finally {
    await client.end().catch(() => {})
  }
}
