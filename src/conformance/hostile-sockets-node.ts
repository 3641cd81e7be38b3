import { connect, type Socket } from 'node:net'
import { realClock } from '../base/real-clock-node.ts'
import { realRandom } from '../base/real-random-node.ts'
import { familyUsage } from '../bench/process-usage-node.ts'
import { waitUntil } from '../bench/wait-until.ts'
import { ClusterUnderTest } from '../chaos/cluster-under-test-node.ts'
import { bytesOf, joined, text } from '../chaos/frame-bytes.ts'
import { handshake } from '../chaos/handshake-text.ts'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { CLIENT_FRAMES, CLIENT_WORDS } from './decoders/client-frame-shapes.ts'
import { at, mutated, pick } from './mutation.ts'

interface HostileSocketsOptions {
  readonly seed: number
  readonly durationMs: number
  readonly stopped: AbortSignal
  readonly onProgress: (elapsedMs: number, frames: number) => void
}

/** What hostile clients did to an edge of a real cluster, and what became of it. */
export interface HostileSocketsFigures {
  readonly sockets: number
  readonly frames: number
  /** Processes that are not the ones of the beginning. */
  readonly deaths: number
  /** Sockets that the edge still counts when all are gone. */
  readonly socketsLeft: number
  /** Whether a client that behaves was served in the end. */
  readonly serves: boolean
  /** Of the edge, half way, when it has been warm for long, and at the end; absent where the system does not tell. */
  readonly residentBytes?: { readonly middle: number; readonly end: number }
}

// The limits of one socket would end most of them before they are a bother.
const SETTINGS = { HOLDFAST_LIMITS_FRAMES_PER_SECOND: '10000' }
const LANES = 8
const FRAMES_PER_SOCKET = 60
const BYTES_MAX = 4096
const PATIENCE_MS = 5000
const TELL_EVERY_MS = 250

/** Sends what no client should to a real edge, over real sockets, and then looks whether it minds. */
export async function sendHostileFrames(options: HostileSocketsOptions): Promise<HostileSocketsFigures> {
  const cluster = await ClusterUnderTest.start({ edges: 1, chats: 1, settings: SETTINGS })
  const end = () => void cluster.stop()
  options.stopped.addEventListener('abort', end)
  try {
    return await torment(cluster, options)
  } finally {
    options.stopped.removeEventListener('abort', end)
    await cluster.stop()
  }
}

async function torment(cluster: ClusterUnderTest, options: HostileSocketsOptions): Promise<HostileSocketsFigures> {
  const before = pidsOf(cluster)
  const edge = [...cluster.pids.values()].find(({ role }) => role === 'edge')?.pid ?? 0
  const { token } = await cluster.visitorSeat(realRandom.id())
  const attackers = Array.from({ length: LANES }, (_, lane) => new Attacker(cluster, token, options.seed + lane))
  const startMs = realClock.monotonicMs()
  const elapsed = () => realClock.monotonicMs() - startMs
  const over = () => options.stopped.aborted || elapsed() > options.durationMs
  const sum = (each: 'frames' | 'sockets') => attackers.reduce((total, attacker) => total + attacker[each], 0)
  const lanes = attackers.map((attacker) => attacker.run(over))
  let middle: number | undefined
  await waitUntil(realClock, { patienceMs: options.durationMs, everyMs: TELL_EVERY_MS }, () => {
    options.onProgress(elapsed(), sum('frames'))
    if (elapsed() >= options.durationMs / 2) middle ??= residentBytes(edge)
    return over()
  })
  await Promise.all(lanes)
  const end = residentBytes(edge)
  const left = async () => (await cluster.counters()).sockets ?? 0
  await waitUntil(realClock, { patienceMs: PATIENCE_MS }, async () => (await left().catch(() => -1)) === 0)
  return {
    sockets: sum('sockets'),
    frames: sum('frames'),
    deaths: pidsOf(cluster).filter((pid) => !before.includes(pid)).length,
    socketsLeft: await left().catch(() => -1),
    serves: await cluster.whole(),
    ...(middle !== undefined && end !== undefined && { residentBytes: { middle, end } }),
  }
}

/** One after the other: connects, behaves for a moment or not at all, and sends what chance gives. */
class Attacker {
  frames = 0
  sockets = 0
  readonly #address: { readonly host: string; readonly port: number }
  readonly #dice: SeededDice
  readonly #token: string

  constructor(cluster: ClusterUnderTest, token: string, seed: number) {
    const { hostname, port } = new URL(cluster.socketAddresses[0] ?? '')
    this.#address = { host: hostname, port: Number(port) }
    this.#dice = new SeededDice(seed)
    this.#token = token
  }

  async run(over: () => boolean): Promise<void> {
    while (!over()) await this.#socket(over)
  }

  async #socket(over: () => boolean): Promise<void> {
    const socket = connect(this.#address)
    socket.on('error', () => {})
    socket.resume()
    this.sockets += 1
    const greeting = joined([handshake(), text(this.#hello())])
    socket.write(this.#chance(8) ? this.#mutated(greeting) : greeting)
    for (let left = FRAMES_PER_SOCKET; left > 0 && !over() && (await written(socket, this.#frame())); left--)
      this.frames += 1
    if (this.#chance(4)) socket.resetAndDestroy()
    else socket.end()
    await goneWithin(socket, PATIENCE_MS)
  }

  #hello(): string {
    const instance = realRandom.id()
    return JSON.stringify({ type: 'hello', token: this.#token, versions: [1], instance, connection: 1, resume: [] })
  }

  /** Mostly good frames around changed texts, as broken frames end their socket. */
  #frame(): Uint8Array {
    const source = bytesOf(JSON.stringify(pick(this.#dice, CLIENT_FRAMES) ?? {}))
    const frame = text(bytesOf(new TextDecoder().decode(this.#mutated(source))))
    return this.#chance(30) ? this.#mutated(frame) : frame
  }

  #mutated(input: Uint8Array): Uint8Array {
    return mutated(input, { dice: this.#dice, other: input, words: CLIENT_WORDS, bytesMax: BYTES_MAX })
  }

  #chance(oneIn: number): boolean {
    return at(this.#dice, oneIn) === 0
  }
}

/** `false` when the other side has ended it. */
function written(socket: Socket, bytes: Uint8Array): Promise<boolean> {
  if (socket.destroyed || socket.readableEnded) return Promise.resolve(false)
  return new Promise((resolve) => socket.write(bytes, (error) => resolve(!error)))
}

async function goneWithin(socket: Socket, patienceMs: number): Promise<void> {
  const cancel = realClock.after(patienceMs, () => socket.destroy())
  // Not `once`: a broken connection is what we want here.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  cancel()
}

function pidsOf(cluster: ClusterUnderTest): readonly number[] {
  return [...cluster.pids.values()].map(({ pid }) => pid)
}

function residentBytes(pid: number): number | undefined {
  return familyUsage(pid)?.servers.residentBytes
}
