import { IndefiniteOutcome } from '../../store/log-store.ts'
import type { SimulatedProcess } from '../simulated-process.ts'
import type { Move } from './exhaustive-search.ts'

interface Journey {
  readonly from: SimulatedProcess
  /** What travels, whose it is included: `chat-2's claim`. */
  readonly name: string
  /** All that decides what it does where it arrives. */
  readonly details: string
  readonly run: () => Promise<unknown>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
  /** `begun`: taken in by another process, which has not answered yet. */
  phase: 'sent' | 'begun' | 'done'
  answer: unknown
  /** Nobody waits for the answer: its sender is dead or was told that the connection broke. */
  orphan: boolean
}

export interface JourneyFaults {
  readonly mayBreak: boolean
  broke(): void
  isCut(sender: SimulatedProcess): boolean
}

/**
 * Statements to the store and questions to other nodes, each on its way for as long as the search likes.
 *
 *   sent --takes place--> done --is answered--> over
 *     \                     \
 *      `--connection breaks--`--> its sender is in doubt; what was only sent may still take place, late or never
 */
export class Journeys {
  #underway: Journey[] = []

  send<Answer>(
    from: SimulatedProcess,
    what: { readonly name: string; readonly details: unknown },
    run: () => Promise<Answer>,
  ): Promise<Answer> {
    const { name } = what
    const details = JSON.stringify(what.details)
    return new Promise((resolve, reject) => {
      // A journey is answered by what its own `run` resolved to.
      const settle = (answer: unknown) => resolve(answer as Answer)
      const journey = { from, name, details, run, resolve: settle, reject, answer: undefined }
      this.#underway.push({ ...journey, phase: 'sent', orphan: false })
    })
  }

  /** Something that takes place once, at any time or never, and that nobody waits for. */
  sendOrphan(from: SimulatedProcess, name: string, run: () => Promise<void>): void {
    const nobody = () => {}
    const journey = { from, name, details: '', run, resolve: nobody, reject: nobody, answer: undefined }
    this.#underway.push({ ...journey, phase: 'sent', orphan: true })
  }

  /** Nothing is on its way that somebody waits for. */
  get quiet(): boolean {
    return this.#underway.every(({ orphan }) => orphan)
  }

  senderDied(process: SimulatedProcess): void {
    for (const journey of this.#underway) if (journey.from === process) journey.orphan = true
    this.#forgetOver()
  }

  /** What may happen to each whose sender is not cut off; `mayBreak`: or their connections break. */
  moves({ mayBreak, broke, isCut }: JourneyFaults): readonly Move[] {
    return this.#underway.flatMap((journey) => {
      const { from, name, phase, orphan } = journey
      if (isCut(from)) return []
      const moves: Move[] = []
      if (phase === 'sent') moves.push({ sentence: `${name} takes place`, make: () => this.#takePlace(journey) })
      if (phase === 'done') moves.push({ sentence: `${name} is answered`, make: () => this.#answer(journey) })
      if (mayBreak && !orphan) {
        const lost = phase === 'done' ? 'its reply is lost' : 'its connection breaks, and it may still come through'
        const make = () => {
          broke()
          this.#break(journey)
        }
        moves.push({ sentence: `${name}: ${lost}`, make })
      }
      return moves
    })
  }

  /** Lets everything take place and be answered; what nobody waits for is lost. `false`: there was nothing to do. */
  passOn(): boolean {
    this.#underway = this.#underway.filter(({ orphan }) => !orphan)
    const ready = this.#underway.filter(({ phase }) => phase !== 'begun')
    for (const journey of ready) {
      if (journey.phase === 'sent') this.#takePlace(journey)
      else this.#answer(journey)
    }
    return ready.length > 0
  }

  fingerprint(): string {
    const told = (journey: Journey) => {
      const { name, details, phase, orphan, answer } = journey
      return `${name} ${details} ${phase} ${orphan} ${JSON.stringify(answer, withoutText)}`
    }
    return this.#underway.map(told).join()
  }

  #takePlace(journey: Journey): void {
    journey.phase = 'begun'
    void journey.run().then((answer) => {
      journey.phase = 'done'
      journey.answer = answer
      this.#forgetOver()
    })
  }

  #answer(journey: Journey): void {
    this.#underway = this.#underway.filter((each) => each !== journey)
    const told = `${journey.name} is answered ${JSON.stringify(journey.answer)}`
    journey.from.deliver(0, 'input', told, () => journey.resolve(journey.answer))
  }

  #break(journey: Journey): void {
    journey.orphan = true
    this.#forgetOver()
    journey.from.deliver(0, 'input', `${journey.name} is in doubt`, () =>
      journey.reject(new IndefiniteOutcome('the connection broke')),
    )
  }

  #forgetOver(): void {
    this.#underway = this.#underway.filter(({ orphan, phase }) => !(orphan && phase === 'done'))
  }
}

const withoutText = (field: string, value: unknown) => (field === 'at' || field === 'json' ? undefined : value)
