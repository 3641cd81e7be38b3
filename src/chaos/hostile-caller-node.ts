import { connect, type Socket } from 'node:net'
import { type HostileCall, hostileCall } from './hostile-bytes.ts'
import type { SeededDice } from './seeded-dice.ts'

const AT_ONCE = 40
// Between two calls of one socket: at most 400 calls a second. More is a flood, which is another fault.
const REST_MS = 100
// Whoever says nothing more is kept by the other side for a while; others must have their turn.
const SILENCE_MS_MAX = 500

/** Calls one address again and again, from many sockets at a time, and never says anything right. */
export class HostileCaller {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #dice: SeededDice
  readonly #sockets = new Set<Socket>()
  #stopped = false
  #calls = 0

  constructor(address: string, dice: SeededDice) {
    const { hostname, port } = new URL(address)
    this.#target = { host: hostname, port: Number(port) }
    this.#dice = dice
  }

  /** Calls that were made so far. */
  get calls(): number {
    return this.#calls
  }

  start(): void {
    for (let index = 0; index < AT_ONCE; index++) this.#call()
  }

  stop(): void {
    this.#stopped = true
    for (const socket of this.#sockets) socket.destroy()
  }

  #call(): void {
    if (this.#stopped) return
    this.#calls += 1
    const call = hostileCall(this.#dice)
    const socket = connect(this.#target)
    this.#sockets.add(socket)
    // Refused and reset is what a hostile caller must expect.
    socket.on('error', () => {})
    socket.once('connect', () => write(socket, call))
    socket.on('data', () => {})
    socket.setTimeout(SILENCE_MS_MAX, () => socket.destroy())
    socket.once('close', () => {
      this.#sockets.delete(socket)
      setTimeout(() => this.#call(), REST_MS)
    })
  }
}

function write(socket: Socket, { chunks, hangsUp }: HostileCall): void {
  for (const chunk of chunks) socket.write(chunk)
  if (hangsUp) socket.resetAndDestroy()
}
