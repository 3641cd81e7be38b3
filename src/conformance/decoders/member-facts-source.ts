import fc from 'fast-check'
import { stateOf } from '../../server/cluster-view.ts'
import { socketAddresses } from '../../server/public-addresses.ts'
import { memberIn } from '../../store/postgres-rows.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { nearly, textOf } from './json-shapes.ts'

const GOOD = {
  ...{ relayAddress: 'h:1', httpUrl: 'http://h:2', roles: ['chat', 'edge'], mode: 'enabled', version: '1' },
  ...{ formatReads: 1, owned: 0, attached: 0 },
}

/** What other nodes, perhaps of another version, wrote about themselves into the store. */
export const decoder: FuzzedDecoder = {
  seeds: [JSON.stringify(GOOD), '{}', '{"roles":["backup","newer"],"mode":"resting"}'],
  words: Object.keys(GOOD),
  drawn: fc.oneof(nearly(GOOD), fc.json()),
  read(input) {
    const facts = parsed(textOf(input))
    const row = { node: 'n', incarnation: '5', beat_age: '10', tombstoned: false, facts }
    const member = memberIn(row)
    socketAddresses({ publicUrl: '', addresses: [] }, [member])
    mustHold(stateOf(member) === 'live', 'facts do not make a node dead')
    mustHold(typeof member.relayAddress === 'string', 'an address is a text')
    mustHold(member.node === 'n' && member.beatAgeMs === 10, 'facts do not say who it is or how old its beat is')
  },
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
