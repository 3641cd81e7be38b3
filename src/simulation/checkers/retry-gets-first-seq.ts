import type { Seq } from '../../base/ids.ts'
import type { Checker } from '../observation.ts'

/** LO3: however often a key is sent, every acknowledgement names the same seq. */
export function retryGetsFirstSeq(): Checker {
  const first = new Map<string, Seq>()
  return {
    rule: 'LO3',
    see(observation) {
      if (observation.kind !== 'acknowledged') return undefined
      const { conversation, page, key, seq } = observation
      const name = `${conversation}/${page.participant}/${key}`
      const before = first.get(name) ?? seq
      first.set(name, before)
      return before === seq ? undefined : `${name} was acknowledged at seq ${before} and then at seq ${seq}.`
    },
  }
}
