import type { Cancel, Clock } from '../base/clock.ts'
import { EXACT_TIME, type MachineTime, machineClock, type Timeline } from './simulated-clock.ts'
import type { Trace } from './trace.ts'

interface Held {
  readonly what: string
  readonly kind: InputKind
  readonly run: () => void
}

/** Timers and inputs reach a process by different doors; after a pause either may come first. */
export type InputKind = 'timer' | 'input'

/**
 * One run of one program. Everything that happens in it comes through `deliver` (a timer, a frame, an answer of the
 * store), so that stopping the process is one decision in one place.
 *
 *   running --pause--> paused --wake--> running        what was due meanwhile happens late, in order
 *      \                  \
 *       `------ kill ------`--> dead                    nothing ever happens in it again: its promises never settle
 *
 * The clock of a paused process goes on, as the monotonic clock of a stopped process does (SIGSTOP, a long collection).
 */
export class SimulatedProcess {
  readonly name: string
  readonly clock: Clock
  readonly #timeline: Timeline
  readonly #trace: Trace
  readonly #onThrow: (error: unknown) => void
  #state: 'running' | 'paused' | 'dead' = 'running'
  #held: Held[] = []
  /** Callbacks asked for "at once": what they send is as good as sent, so a pause waits for them. */
  #atOnce = 0
  #pauseWanted = false

  constructor(
    name: string,
    ports: { timeline: Timeline; trace: Trace; onThrow: (error: unknown) => void },
    machine: MachineTime = EXACT_TIME,
  ) {
    this.name = name
    this.#timeline = ports.timeline
    this.#trace = ports.trace
    this.#onThrow = ports.onThrow
    this.clock = machineClock(ports.timeline, machine, (delayMs, callback) =>
      this.deliver(delayMs, 'timer', 'timer', callback),
    )
  }

  get state(): 'running' | 'paused' | 'dead' {
    return this.#state
  }

  get alive(): boolean {
    return this.#state !== 'dead'
  }

  /** Runs `run` inside this process `delayMs` from now: later if it is paused then, never if it is dead. */
  deliver(delayMs: number, kind: InputKind, what: string, run: () => void): Cancel {
    let cancelled = false
    const atOnce = kind === 'timer' && delayMs === 0
    if (atOnce) this.#atOnce++
    this.#timeline.at(this.#timeline.now() + delayMs, () => {
      if (!cancelled) this.#arrive({ what, kind, run: () => !cancelled && run() })
      if (atOnce) this.#oneLessAtOnce()
    })
    return () => {
      cancelled = true
    }
  }

  kill(): void {
    this.#state = 'dead'
    this.#held = []
  }

  /** Stops it where it stands, or as soon as what it does at once is done. */
  pause(): void {
    if (this.#state !== 'running') return
    this.#pauseWanted = this.#atOnce > 0
    if (!this.#pauseWanted) this.#state = 'paused'
  }

  /** What waited happens now: first all timers or first all inputs, each kind in the order in which it was due. */
  wake(first: InputKind): void {
    this.#pauseWanted = false
    if (this.#state !== 'paused') return
    this.#state = 'running'
    const isFirst = ({ kind }: Held) => kind === first
    this.#held = [...this.#held.filter(isFirst), ...this.#held.filter((held) => !isFirst(held))]
    this.#catchUp()
  }

  #oneLessAtOnce(): void {
    this.#atOnce--
    if (this.#pauseWanted && this.#atOnce === 0) this.pause()
  }

  /** One late input per step; whatever comes meanwhile queues behind, so that no link overtakes itself. */
  #catchUp(): void {
    if (this.#held.length === 0 || this.#state !== 'running') return
    this.#timeline.at(this.#timeline.now(), () => {
      if (this.#state !== 'running') return
      const late = this.#held[0]
      if (late) this.#run(late)
      this.#held.shift()
      this.#catchUp()
    })
  }

  #arrive(input: Held): void {
    if (this.#state === 'dead') return
    if (this.#held.length > 0 || this.#state === 'paused') this.#held.push(input)
    else this.#run(input)
  }

  #run(input: Held): void {
    this.#trace.line(this.#timeline.now(), this.name, input.what)
    try {
      input.run()
    } catch (error) {
      this.#onThrow(error)
    }
  }
}
