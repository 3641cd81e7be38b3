import type { Cancel, Clock } from '../base/clock.ts'
import type { ConnectionPorts, ConnectionSocket } from '../web/connection/ports.ts'
import type { Dialect, Place, Session } from './dialect.ts'
import { GivenWords, type SaidWords } from './given-words.ts'

/** What all raw clients measure, together. */
export interface RawTally {
  /** Milliseconds from when it was due to be sent to the acknowledgement. */
  readonly ackMs: number[]
  /** Milliseconds from when it was due to be sent to each delivery, the sender's own included. */
  readonly deliveryMs: number[]
  refused: number
  socketsClosed: number
}

export function emptyTally(): RawTally {
  return { ackMs: [], deliveryMs: [], refused: 0, socketsClosed: 0 }
}

export interface RawClientOptions {
  readonly ports: Pick<ConnectionPorts, 'clock' | 'random' | 'openSocket'>
  readonly dialect: Dialect
  /** The preferred one first. */
  readonly addresses: readonly string[]
  readonly place: Place
  /** The text of every message is this long. */
  readonly textLength: number
  /** Comes back when its socket is lost, and says again what was not answered. */
  readonly returns?: boolean
  /** Keeps the name of every word in the order in which it came, to compare what was said with what was given. */
  readonly remembers?: boolean
  readonly onAck?: () => void
  /** After each frame of words: how many different ones were given, as `given` says. */
  readonly onGiven?: (given: number) => void
  tally: RawTally
}

/** The same for every system: full jitter, as `web/connection` has for its first try. */
const RETURN_MS_MAX = 500
const AGAIN_MS = 250
// Time and name of a word stand in the text itself, between marks that nothing else in a frame has: `@@12.5@name@xxx`.
const MARK = '@@'

interface Unanswered {
  readonly dueMs: number
  readonly text: string
}

/**
 * A client that does as little as a client can, to measure the servers and not itself: it reads times from the frames
 * as they are. Every client of a run is in one process, so that one clock judges both ends.
 */
export class RawClient {
  readonly #options: RawClientOptions
  readonly #clock: Clock
  readonly #session: Session
  readonly #unanswered = new Map<number, Unanswered>()
  readonly #words: string[] = []
  readonly #acknowledged: string[] = []
  #socket: ConnectionSocket | undefined
  #cancel: Cancel = () => {}
  #attempts = 0
  #sent = 0
  #sentBefore = 0
  #given = new GivenWords()
  #ready = false
  #away = false

  constructor(options: RawClientOptions) {
    this.#options = options
    this.#clock = options.ports.clock
    this.#session = options.dialect.session(options.place, {
      send: (frame) => this.#socket?.send(frame),
      ready: () => this.#isReady(),
      given: (frame) => this.#read(frame, this.#clock.monotonicMs()),
      acknowledged: (n) => this.#settle(n),
      refused: (n) => this.#refused(n),
    })
    this.#open()
  }

  /** Its socket serves it. */
  get ready(): boolean {
    return this.#ready
  }

  /** Different words given since `count`. */
  get given(): number {
    return this.#given.different
  }

  /** Its own words since `count`. */
  get said(): SaidWords {
    return { speaker: this.#options.place.instance, from: this.#sentBefore + 1, to: this.#sent }
  }

  /** Since `count` it was given these words, each once, and nothing else. */
  wasGiven(said: SaidWords): boolean {
    return this.#given.are(said)
  }

  get unanswered(): number {
    return this.#unanswered.size
  }

  /** Names of the words it was given, in that order. */
  get words(): readonly string[] {
    return this.#words
  }

  /** Names of its own words that were acknowledged. */
  get acknowledged(): readonly string[] {
    return this.#acknowledged
  }

  /** Where measurements go from now on; what was said and given is counted anew. */
  count(tally: RawTally): void {
    this.#options.tally = tally
    this.#sentBefore = this.#sent
    this.#given = new GivenWords()
  }

  /** `dueMs`: when it was to be said, from which its times are measured. */
  speak(dueMs = this.#clock.monotonicMs()): void {
    this.#sent += 1
    const n = this.#sent
    const text = `${MARK}${dueMs.toFixed(1)}@${this.#wordName(n)}@`.padEnd(this.#options.textLength, 'x')
    this.#unanswered.set(n, { dueMs, text })
    if (this.#ready) this.#say(n, text)
  }

  /** Goes offline. */
  leave(): void {
    this.#away = true
    this.#ready = false
    this.#cancel()
    this.#socket?.close()
  }

  /** Comes back, at random within the time that all clients take. */
  comeBack(): void {
    this.#away = false
    this.#openLater()
  }

  #open(): void {
    const { dialect, ports, addresses } = this.#options
    const address = addresses[this.#attempts++ % addresses.length] ?? ''
    const socket = ports.openSocket(dialect.url(address), {
      opened: () => this.#session.opened(),
      message: (frame) => this.#session.heard(frame),
      closed: () => this.#closed(),
    })
    this.#socket = socket
  }

  #openLater(): void {
    const { ports } = this.#options
    this.#cancel()
    this.#cancel = ports.clock.after(ports.random.fraction() * RETURN_MS_MAX, () => this.#open())
  }

  #closed(): void {
    this.#ready = false
    if (this.#away) return
    this.#options.tally.socketsClosed += 1
    if (this.#options.returns) this.#openLater()
  }

  #isReady(): void {
    this.#ready = true
    for (const [n, { text }] of this.#unanswered) this.#say(n, text)
  }

  #say(n: number, text: string): void {
    const [floor = n] = this.#unanswered.keys()
    this.#session.say(n, text, floor)
  }

  #read(frame: string, now: number): void {
    const { tally, remembers, onGiven } = this.#options
    for (let at = frame.indexOf(MARK); at >= 0; at = frame.indexOf(MARK, at + MARK.length)) {
      const from = at + MARK.length
      const middle = frame.indexOf('@', from)
      tally.deliveryMs.push(now - Number(frame.slice(from, middle)))
      const name = frame.slice(middle + 1, frame.indexOf('@', middle + 1))
      this.#given.add(name)
      if (remembers) this.#words.push(name)
    }
    onGiven?.(this.#given.different)
  }

  #settle(n: number): void {
    const word = this.#unanswered.get(n)
    if (!word) return
    this.#unanswered.delete(n)
    this.#options.tally.ackMs.push(this.#clock.monotonicMs() - word.dueMs)
    if (this.#options.remembers) this.#acknowledged.push(this.#wordName(n))
    this.#options.onAck?.()
  }

  #refused(n: number | undefined): void {
    this.#options.tally.refused += 1
    const word = n === undefined ? undefined : this.#unanswered.get(n)
    if (n === undefined || !word || !this.#options.returns) return
    this.#clock.after(AGAIN_MS, () => {
      if (this.#ready && this.#unanswered.has(n)) this.#say(n, word.text)
    })
  }

  #wordName(n: number): string {
    return `${this.#options.place.instance}.${n}`
  }
}
