import { appendStatement, independentBatches, SLICE_MISFITS } from './append-statement.ts'
import { IndefiniteOutcome, type LogStore, type Slice, type SliceOutcome, StoreUnavailable } from './log-store.ts'
import { findMisfits } from './misfits.ts'
import { type PostgresConnections, StatementRefused } from './postgres-connections.ts'

/** Bad input (class 22) or a broken constraint (class 23): the slice is at fault, not the store. */
const SLICE_AT_FAULT = /^2[23]/
const UNIQUE_VIOLATION = '23505'
const ATTEMPTS = 5

/**
 * Appends on PostgreSQL. A batch is one statement, which takes place wholly or not at all; where it is refused, the
 * slices at fault are found, and the others are appended without them (SE8).
 */
export class AppendBatches {
  readonly #ports: {
    readonly connections: PostgresConnections
    unavailable(refused: StatementRefused): StoreUnavailable
    findKey: LogStore['findKey']
  }

  constructor(ports: {
    readonly connections: PostgresConnections
    /** What a refusal means that no slice is to blame for. */
    unavailable(refused: StatementRefused): StoreUnavailable
    findKey: LogStore['findKey']
  }) {
    this.#ports = ports
  }

  async append(slices: readonly Slice[]): Promise<readonly SliceOutcome[]> {
    return this.#inTurn(independentBatches(slices).map((batch) => () => this.#appendBatch(batch)))
  }

  async #appendBatch(slices: readonly Slice[], attempt = 1): Promise<readonly SliceOutcome[]> {
    try {
      await this.#ports.connections.run(appendStatement(slices))
      return slices.map(({ expectSeq, events }) => ({ kind: 'ok', seq: expectSeq + events.length }))
    } catch (error) {
      if (!(error instanceof StatementRefused)) throw error
      if (error.sqlState !== SLICE_MISFITS && !SLICE_AT_FAULT.test(error.sqlState)) throw this.#ports.unavailable(error)
      return this.#sort(slices, error, attempt)
    }
  }

  /** Nothing of a refused batch took place: those that misfit are told what was found, the others are tried again. */
  async #sort(slices: readonly Slice[], error: StatementRefused, attempt: number): Promise<readonly SliceOutcome[]> {
    const found = await findMisfits(this.#ports.connections, slices).catch((failure: unknown) => {
      throw failure instanceof StatementRefused ? this.#ports.unavailable(failure) : failure
    })
    const fitting = slices.filter((_, index) => !found[index])
    if (fitting.length === slices.length) return this.#isolate(slices, error, attempt)
    const outcomes = fitting.length > 0 ? [...(await this.#appendBatch(fitting, attempt))] : []
    return found.map((misfit) => misfit ?? outcomes.shift() ?? { kind: 'unstorable', reason: error.message })
  }

  /** One slice that cannot be stored must not refuse its neighbours: halves are tried until it stands alone. */
  async #isolate(slices: readonly Slice[], error: StatementRefused, attempt: number): Promise<readonly SliceOutcome[]> {
    // What refused it was gone when it was looked for; or another statement created the guard at the same moment.
    const passed = error.sqlState === SLICE_MISFITS || error.constraint === 'guard_pkey'
    if (passed && attempt < ATTEMPTS) return this.#appendBatch(slices, attempt + 1)
    const middle = Math.ceil(slices.length / 2)
    const [only] = slices
    if (middle < slices.length)
      return this.#inTurn([slices.slice(0, middle), slices.slice(middle)].map((half) => () => this.#appendBatch(half)))
    return only ? [await this.#faultOf(only, error)] : []
  }

  /** Several statements for one call: once one of them took place, nobody may hear that none did. */
  async #inTurn(parts: readonly (() => Promise<readonly SliceOutcome[]>)[]): Promise<readonly SliceOutcome[]> {
    const outcomes: SliceOutcome[] = []
    for (const part of parts)
      try {
        outcomes.push(...(await part()))
      } catch (error) {
        const partial = error instanceof StoreUnavailable && outcomes.some(({ kind }) => kind === 'ok')
        throw partial ? new IndefiniteOutcome(`part of a batch only: ${error.message}`) : error
      }
    return outcomes
  }

  async #faultOf(slice: Slice, error: StatementRefused): Promise<SliceOutcome> {
    if (error.sqlState === UNIQUE_VIOLATION && error.constraint === 'event_key')
      for (const { sender, key } of slice.events) {
        const found = key === undefined ? undefined : await this.#ports.findKey(slice.conversation, sender, key)
        if (key !== undefined && found) return { kind: 'duplicate', key, ...found }
      }
    return { kind: 'unstorable', reason: `${error.sqlState}: ${error.message}` }
  }
}
