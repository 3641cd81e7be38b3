import type { Clock } from '../base/clock.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { run } from './main.ts'
import type { VerbIo } from './verb.ts'

export interface VerbOutcome {
  readonly code: number
  readonly out: readonly string[]
  readonly err: readonly string[]
}

export interface StageProps {
  readonly env?: Readonly<Record<string, string>>
  readonly lines?: readonly string[]
  /** Where keys of several calls must differ. */
  readonly id?: () => string
  /** Where a verb waits for something real. */
  readonly clock?: Clock
}

/** A terminal that is not there: what was printed is kept, what is typed is given. */
export function stageIo(given: StageProps = {}) {
  const out: string[] = []
  const err: string[] = []
  const io: VerbIo = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    async *lines() {
      yield* given.lines ?? []
    },
    env: given.env ?? {},
    clock: given.clock ?? new ManualClock(),
    random: { fraction: () => 0, id: given.id ?? (() => '0000000000000') },
    interactive: false,
    interrupted: new AbortController().signal,
  }
  return { io, out, err }
}

/** Runs one command line without a process. */
export async function runVerb(words: readonly string[], given: StageProps = {}): Promise<VerbOutcome> {
  const { io, out, err } = stageIo(given)
  return { code: await run(words, io), out, err }
}
