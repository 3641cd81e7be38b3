/**
 * States that a simulation must reach now and then, or its silence proves nothing. Each is counted where it happens;
 * over all seeds none may stay at 0.
 */
export const SOMETIMES = {
  'node crashed': 'A chat node died while it owned conversations.',
  'commit in flight at a crash': 'A node died while the store had an append of it in hand.',
  'machine lost': 'A machine went away without a word.',
  'node paused past its lease': 'A process stood still for longer than its lease and woke.',
  partition: 'Two groups of machines did not hear each other.',
  'one-way partition': 'One group heard the other but was not heard.',
  'half-open link': 'A connection went silent without being closed.',
  'database restart': 'The database broke all connections and came back.',
  'database stalled': 'Statements waited for seconds.',
  'disk full': 'The store refused an append for want of room.',
  'reply lost': 'A statement took place or not, and its caller could not know.',
  drain: 'A node gave all its conversations away.',
  upgrade: 'A node was drained, ended, and came back as another version of the program.',
  'snapshot of another version': 'A new owner was given a snapshot that its version cannot read.',
  'socket opened during a drain': 'A client came while a node gave its conversations away.',
  handover: 'A conversation went from one living owner to another.',
  adoption: 'A living node took over what a dead one left.',
  'zombie fenced': 'The store refused a write of a former owner.',
  'indefinite append resolved': 'A lost reply was cleared up by claiming again.',
  'incarnation lost': 'A living process found itself declared dead and lived on as another incarnation.',
  'page reloaded with unsent messages': 'A page was reloaded while its outbox was not empty.',
  'second tab': 'A tab was opened with a copy of what another one had not sent.',
  'retry answered with its first seq': 'A key was submitted again and found in the log.',
  'conversation rested': 'An idle conversation was given back to the store.',
  'woken by its timer': 'A resting conversation came back because something was due in it.',
  'same key of two people': 'Two people sent different commands of one conversation under the same key.',
  'effect repeated': 'What had been done outside was done again, because nobody had written it down.',
  'timer fired': 'Idle control took effect.',
} as const

export type SometimesName = keyof typeof SOMETIMES

export class Sometimes {
  readonly #counts = new Map<SometimesName, number>()

  saw(name: SometimesName, times = 1): void {
    if (times > 0) this.#counts.set(name, (this.#counts.get(name) ?? 0) + times)
  }

  counts(): Readonly<Record<SometimesName, number>> {
    const names = Object.keys(SOMETIMES) as SometimesName[]
    return Object.fromEntries(names.map((name) => [name, this.#counts.get(name) ?? 0])) as Record<SometimesName, number>
  }
}
