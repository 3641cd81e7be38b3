/** Something that is measured beside others, many times. */
export interface Contestant<Sample = number> {
  readonly name: string
  /** One measurement: a rate, a time; the same unit for all. */
  measure(): Promise<Sample>
}

export type Samples<Sample = number> = ReadonlyMap<string, readonly Sample[]>

/**
 * Measures all contestants `rounds` times, each round forth and back (A B B A): a machine that grows slower or faster
 * meanwhile treats them alike. One unmeasured pass warms up. Stops early, after a whole round, when `stopped` says so.
 */
export async function interleave<Sample>(
  contestants: readonly Contestant<Sample>[],
  options: { rounds: number; stopped?: () => boolean; onProgress?: (done: number, total: number) => void },
): Promise<Samples<Sample>> {
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]))
  for (const contestant of contestants) await contestant.measure()
  for (let round = 0; round < options.rounds && !options.stopped?.(); round++) {
    for (const contestant of [...contestants, ...contestants.toReversed()])
      samples.get(contestant.name)?.push(await contestant.measure())
    options.onProgress?.(round + 1, options.rounds)
  }
  return samples
}
