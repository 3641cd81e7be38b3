import { pause } from '../../base/clock.ts'
import type { ChatSystem } from '../chat-system.ts'
import type { Trial } from '../comparison.ts'
import type { ComparisonScale } from '../comparison-scale.ts'
import type { Reading } from '../figures.ts'
import { inFreshTurns } from '../in-turns.ts'
import { emptyTally, RawClient } from '../raw-client.ts'
import { RawGenerator } from '../raw-generator.ts'
import { percentile } from '../statistics.ts'
import { waitUntil } from '../wait-until.ts'

export const LAST_CAUGHT_UP = 'kill to last client caught up, ms'
export const MISSING = 'clients not caught up'
export const READS = 'reads of the message table per returning client'

const PATIENCE_MS = 60_000
/** A session of PostgreSQL that rests tells its last statistics ten seconds late. */
const STATISTICS_MS = 10_500
const CONNECTS_AT_ONCE = 50

/** Many clients are away while their rooms are talked in; a machine is killed, and at that moment all come back. */
export const returningCrowd: Trial = {
  name: 'returning crowd',
  run: (arena) =>
    inFreshTurns(arena, ['Holdfast', "S'", 'floor'], (system, turn) => crowdReading(system, arena.scale, turn)),
}

async function crowdReading(system: ChatSystem, scale: ComparisonScale, turn: number): Promise<Reading> {
  const { rooms: count, clientsPerRoom, missed } = scale.crowd
  const { clock } = system.ports
  const rooms = await system.rooms(count, 0)
  const { ports, dialect, addresses } = system
  const { textLength } = scale
  const speakers = new RawGenerator({ ports, dialect, addresses, rooms, textLength, returns: true })
  const crowd: Returner[] = []
  try {
    await speakers.begin()
    const seat = await system.onlooker()
    for (let index = 0; index < count * clientsPerRoom; index++) {
      const { conversation } = rooms[index % count] ?? { conversation: '' }
      const shift = index % addresses.length
      crowd.push(
        new Returner(system, {
          conversation,
          seat,
          addresses: [...addresses.slice(shift), ...addresses.slice(0, shift)],
        }),
      )
      if (index % CONNECTS_AT_ONCE === 0) await pause(clock, CONNECTS_AT_ONCE)
    }
    await waitUntil(clock, { patienceMs: PATIENCE_MS }, () => crowd.every(({ client }) => client.ready))
    for (const { client } of crowd) client.leave()
    await speakers.sayEach(missed)
    await pause(clock, STATISTICS_MS)
    const readsBefore = await system.logReads()
    system.killMachine(turn)
    const killedMs = clock.monotonicMs()
    for (const returner of crowd) returner.comeBack(missed)
    await waitUntil(clock, { patienceMs: PATIENCE_MS }, () => crowd.every(({ caughtUpMs }) => caughtUpMs !== undefined))
    const took = crowd.flatMap(({ caughtUpMs }) => (caughtUpMs === undefined ? [] : caughtUpMs - killedMs))
    await pause(clock, STATISTICS_MS)
    const reads = (await system.logReads()) - readsBefore
    return {
      [LAST_CAUGHT_UP]: took.length === crowd.length ? Math.max(...took) : PATIENCE_MS,
      ...(took.length > 0 && { 'kill to caught up, p50, ms': percentile(took, 0.5) }),
      [MISSING]: crowd.length - took.length,
      [READS]: reads / crowd.length,
    }
  } finally {
    for (const { client } of crowd) client.leave()
    speakers.stop()
  }
}

/** A client that comes back, and when it had everything. */
class Returner {
  readonly client: RawClient
  readonly #now: () => number
  #wanted = Number.POSITIVE_INFINITY
  caughtUpMs: number | undefined

  constructor(
    { ports, dialect }: ChatSystem,
    at: {
      readonly conversation: string
      readonly seat: { readonly sender: string; readonly token: string }
      readonly addresses: readonly string[]
    },
  ) {
    this.#now = () => ports.clock.monotonicMs()
    this.client = new RawClient({
      ports,
      dialect,
      addresses: at.addresses,
      place: { conversation: at.conversation, ...at.seat, part: 'onlooker', instance: ports.random.id() },
      textLength: 0,
      returns: true,
      tally: emptyTally(),
      onGiven: (given) => {
        if (given >= this.#wanted) this.caughtUpMs ??= this.#now()
      },
    })
  }

  comeBack(missed: number): void {
    this.#wanted = this.client.given + missed
    this.client.comeBack()
  }
}
