import type { Socket } from 'node:net'
import { nextInLane } from './lane-decision.ts'
import type { Treatment } from './treatment.ts'

/** What a lane tells the connection that it belongs to. */
interface LaneHandlers {
  /** A judge said so. */
  cut(): void
}

// A lane that cannot pass on stops reading beyond this, and so makes the sender wait.
const QUEUE_BYTES_MAX = 1024 * 1024

/** One way of a connection: what comes out of `source` goes into `sink`, as its treatment says. */
export class Lane {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #handlers: LaneHandlers
  readonly #queue: { chunk: Buffer; readonly arrivedMs: number }[] = []
  #queuedBytes = 0
  #passedMs = 0
  #treatment: Treatment = { kind: 'pass' }
  #judge: ((chunk: Uint8Array) => number | undefined) | undefined
  /** Once something may be lost, what follows makes no sense any more. */
  #lossy = false
  /** How it ends; told behind what came before. */
  #ending: 'end' | 'reset' | 'cut' | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(source: Socket, sink: Socket, handlers: LaneHandlers) {
    this.#source = source
    this.#sink = sink
    this.#handlers = handlers
    source.on('data', (chunk) => this.#take(chunk))
    source.once('end', () => this.#ended('end'))
    source.once('close', (failed) => this.#ended(failed ? 'reset' : 'end'))
    sink.on('drain', () => this.#move())
  }

  treat(treatment: Treatment): void {
    this.#treatment = treatment
    this.#judge = treatment.kind === 'cut-at' ? treatment.judge() : undefined
    if (treatment.kind === 'swallow') this.#lossy = true
    this.#move()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #take(chunk: Buffer): void {
    if (this.#ending === 'cut') return
    const passing = this.#judge?.(chunk)
    const piece = chunk.subarray(0, passing)
    if (passing !== undefined) this.#ending = 'cut'
    if (piece.length > 0) this.#queue.push({ chunk: piece, arrivedMs: performance.now() })
    this.#queuedBytes += piece.length
    this.#move()
  }

  #ended(how: 'end' | 'reset'): void {
    if (this.#ending === undefined || this.#ending === 'end') this.#ending = how
    this.#move()
  }

  /** Lets pass what may pass now. */
  #move(): void {
    clearTimeout(this.#timer)
    for (let head = this.#queue[0]; head && !this.#sink.writableNeedDrain; head = this.#queue[0]) {
      const nowMs = performance.now()
      const state = { headBytes: head.chunk.length, headArrivedMs: head.arrivedMs, passedMs: this.#passedMs }
      const step = this.#lossy ? ({ kind: 'lose' } as const) : nextInLane(this.#treatment, state, nowMs)
      if (step.kind === 'stay') break
      if (step.kind === 'wait') {
        this.#timer = setTimeout(() => this.#move(), Math.ceil(step.forMs))
        break
      }
      if (step.kind === 'pass') this.#pass(head.chunk.subarray(0, step.bytes), nowMs)
      this.#shorten(step.kind === 'pass' ? step.bytes : head.chunk.length)
    }
    if (this.#queuedBytes > QUEUE_BYTES_MAX) this.#source.pause()
    else if (this.#source.isPaused()) this.#source.resume()
    if (this.#queue.length === 0 && this.#ending) this.#passEnding(this.#ending)
  }

  #pass(piece: Buffer, nowMs: number): void {
    this.#passedMs = nowMs
    if (this.#sink.writable) this.#sink.write(piece)
  }

  #shorten(bytes: number): void {
    const head = this.#queue[0]
    this.#queuedBytes -= bytes
    if (head && head.chunk.length > bytes) head.chunk = head.chunk.subarray(bytes)
    else this.#queue.shift()
  }

  /** Nobody is told of an end beyond a wire that is silent. */
  #passEnding(how: 'end' | 'reset' | 'cut'): void {
    if (this.#treatment.kind === 'hold') return
    if (this.#lossy) this.#source.destroy()
    else if (how === 'cut') this.#sink.write('', () => this.#handlers.cut())
    else if (how === 'reset') this.#sink.resetAndDestroy()
    else this.#sink.end()
  }
}
